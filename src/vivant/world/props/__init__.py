"""Things that figures hold, ride and sit on: small functions that draw on a sketch."""
