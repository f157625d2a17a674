// A minute of the thousand clients: npm test takes 20 s.
import "../../integration/poolerLoad.test";
