// The same on the other majors.
import "../../integration/hostileRestore.test";
