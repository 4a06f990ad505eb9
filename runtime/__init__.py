"""The runtime: field I/O, the scan, its outputs, and the program that puts them together."""
