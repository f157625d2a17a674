// With a pool that is resized and a primary that is restarted.
import "../../integration/connectionsUnderLoad.test";
