"""A session of ONNX Runtime of the bytes on standard input, unchecked, for tests of what that may do."""

import sys

import onnxruntime

if __name__ == "__main__":
    onnxruntime.InferenceSession(sys.stdin.buffer.read(), providers=["CPUExecutionProvider"])
    sys.stdout.write("made")
