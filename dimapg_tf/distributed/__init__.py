"""Who computes what: this process alone, or a cluster of TensorFlow servers.

Nothing outside this package asks which it is.
"""
