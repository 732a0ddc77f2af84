"""What can revise a picture. `base` is the protocol; each other file is one provider."""
