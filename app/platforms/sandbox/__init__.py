"""A local feed with any network's limits: what the audience would see, and nothing leaves the machine."""
