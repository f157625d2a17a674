import "../../integration/roundTrip.test";
