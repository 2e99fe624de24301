"""What API and pages share of the web: who asks, and the cookie of a signed-in browser."""
