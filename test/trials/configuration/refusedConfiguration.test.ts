// Every other sentence: npm test meets one of each list, and the unit tests all of them.
import "../../integration/refusedConfiguration.test";
