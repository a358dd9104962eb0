"""Export of a trained system to ONNX."""
