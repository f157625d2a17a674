// The example by SQL: npm test attaches the Mac by SSH.
import "../../integration/macEditor.test";
