"""What the engines that speak SQL share: statements are compiled here, each spelled in an engine's `Dialect`."""
