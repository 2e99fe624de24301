"""What people use instead, each in the best honest configuration that its documentation offers."""
