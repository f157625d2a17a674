// The same on the oldest major and on one without the setting event_triggers.
import "../../integration/hostileOwner.test";
