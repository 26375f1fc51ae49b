"""Asks both sides what was recorded, and reduces what differs to the smallest request that still does."""
