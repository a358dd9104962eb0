"""Tagger: the audio tagger of section 2.2, and the tag vector of every scene clip."""
