// The same on the other majors that build everywhere.
import "../../integration/agentRestoreEqual.test";
