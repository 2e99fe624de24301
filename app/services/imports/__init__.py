"""Files of posts on their way into a campaign: looked at first, then committed, and undone while nothing was sent."""
