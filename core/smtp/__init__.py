"""Speaking: the one door to the network and one recorded SMTP conversation."""
