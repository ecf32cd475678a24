"""History on demand: queuers find pages in sitemaps, feeds, archives and lists, and the usual loop works them off."""
