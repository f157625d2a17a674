// With a container that is removed on the other engine.
import "../../integration/standbyElsewhere.test";
