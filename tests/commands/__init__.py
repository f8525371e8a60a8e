"""Tests of the command line: real processes, real sockets on this machine, and what they print and answer."""
