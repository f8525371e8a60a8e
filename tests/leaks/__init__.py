"""The proof that nothing leaks: pairs of worlds, a plain model, a canary scan, planted leaks, and the rows."""
