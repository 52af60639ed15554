"""When adaptation pays: teams whose agents differ in what none of them observes."""
