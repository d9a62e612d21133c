"""What people read: reviews, briefs, claims, status, charts, pages."""
