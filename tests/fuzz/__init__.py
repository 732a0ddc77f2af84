"""What comes from outside, made up: nothing but an explained refusal may come of it."""
