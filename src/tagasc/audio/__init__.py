"""Audio: reading one file, and its mel power spectrogram."""
