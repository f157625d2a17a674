// Two minutes of the thousand clients. npm test takes one.
import "../../integration/poolerLoad.test";
