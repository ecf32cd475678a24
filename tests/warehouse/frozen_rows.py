"""Rows as khotin of revision 0001 wrote them: every table filled, in SQL that both databases take. Frozen."""

_HASH = "0" * 63

ROWS_0001 = f"""
INSERT INTO warehouse (id, uid, newsroom_timezone, created_at) VALUES
    (1, 'a0b1c2d3e4f5a6b7c8d9e0f1a2b3c4d5', 'Asia/Ho_Chi_Minh', '2026-03-01T01:00:00.000000Z');
INSERT INTO leases (token, hostname, boot_id, pid, pid_started, acquired_at, expires_at) VALUES
    ('11111111111111111111111111111111', 'newsdesk', 'boot-1', 4711, 99, '2026-03-03T01:00:00.000000Z',
     '2026-03-03T01:05:00.000000Z');
INSERT INTO sources (id, slug, name, home, country, language, timezone, store, is_archived, robots_override_reason,
    created_at, retired_at) VALUES
    (1, 'ward', 'Báo Phường', 'https://ward.example/', 'VN', 'vi', 'Asia/Ho_Chi_Minh', 'full', TRUE, NULL,
     '2026-03-01T01:00:00.000000Z', NULL),
    (2, 'harbour', 'The Harbour', NULL, NULL, 'en', NULL, 'excerpt', FALSE, 'our own paper',
     '2026-03-01T01:00:00.000000Z', '2026-03-02T09:00:00.000000Z');
INSERT INTO hosts (id, name, robots_fetched_at, robots_status, robots_body, robots_failing_since, not_before_at,
    back_off_reason, strikes, delay_seconds, lease_token) VALUES
    (1, 'ward.example:443', '2026-03-01T01:00:00.000000Z', 200, 'User-agent: *', NULL, NULL, NULL, 0, 1.5, NULL),
    (2, 'harbour.example:443', NULL, NULL, NULL, '2026-03-01T02:00:00.000000Z', '2026-03-03T02:00:00.000000Z',
     'it asked for a pause', 2, 0, '11111111111111111111111111111111');
INSERT INTO feeds (id, source_id, host_id, url, title, section, interval_seconds, state, etag, body_hash, rhythm,
    next_poll_at, last_polled_at, last_outcome, last_reason, failures, lease_token) VALUES
    (1, 1, 1, 'https://ward.example/rss', 'Phường', 'Thời sự', 900, 'active', '"v1"', '{_HASH}a', '{{"haste": 1}}',
     '2026-03-03T01:15:00.000000Z', '2026-03-03T01:00:00.000000Z', 'new_entries', NULL, 0,
     '11111111111111111111111111111111'),
    (2, 2, 2, 'https://harbour.example/rss', NULL, NULL, NULL, 'retired', NULL, NULL, NULL,
     '2026-03-03T01:15:00.000000Z', NULL, NULL, NULL, 3, NULL);
INSERT INTO runs (id, kind, state, lease_token, started_at, finished_at, parameters, counts, error, flow_run_id) VALUES
    (1, 'ingest', 'done', NULL, '2026-03-01T01:00:00.000000Z', '2026-03-01T01:02:00.000000Z', '{{"sources": []}}',
     '{{"polls": {{"new_entries": 1}}, "entries": {{"loaded": 2}}}}', NULL, NULL),
    (2, 'ingest', 'failed', NULL, '2026-03-02T01:00:00.000000Z', '2026-03-02T01:03:00.000000Z', '{{}}',
     '{{"polls": {{}}, "entries": {{"updated": 1}}}}', 'the disk was full', 'f0f0f0f0-0000-4000-8000-000000000000'),
    (3, 'ingest', 'running', '11111111111111111111111111111111', '2026-03-03T01:00:00.000000Z', NULL, '{{}}', '{{}}',
     NULL, NULL);
INSERT INTO archives (id, name, place, size, state, opened_at, closed_at, lease_token) VALUES
    (1, 'khotin-1.warc.gz', 'archive', 4096, 'closed', '2026-03-01T01:00:00.000000Z', '2026-03-01T01:02:00.000000Z',
     NULL);
INSERT INTO articles (id, uid, source_id, url, title, summary, place, section, section_path, language, kind,
    published_at, published_on, published_local, published_utc_offset_minutes, published_precision, published_signal,
    publisher_modified_at, report_date, is_report_date_estimated, first_seen_at, first_loaded_at, updated_at,
    ingested_via, word_count, char_count, version_number, version_cause, duplicate_of, image_url, is_paywalled,
    is_body_partial, extractor_version, fetch_id, content_hash, provenance) VALUES
    (1, '{"1" * 32}', 1, 'https://ward.example/cho-moi', 'Chợ mới mở cửa hôm nay', 'Chợ phường mở lại.', 'Hà Nội',
     'Thời sự', 'Tin tức; Thời sự', 'vi', 'article', '2026-03-01T00:30:00.000000Z', '2026-03-01', '2026-03-01T07:30:00',
     420, 'minute', 'json-ld', NULL, '2026-03-01', FALSE, '2026-03-01T01:00:10.000000Z', '2026-03-01T01:00:40.000000Z',
     '2026-03-02T01:01:00.000000Z', 'feed', 7, 31, 2, 'publisher', NULL, 'https://ward.example/1.jpg', FALSE, FALSE,
     '1', 3, '{_HASH}b', '{{"title": "json-ld"}}'),
    (2, '{"2" * 32}', 1, 'https://ward.example/cau', 'Cầu đóng', NULL, NULL, NULL, NULL, 'vi', 'opinion', NULL, NULL,
     NULL, NULL, NULL, NULL, NULL, '2026-03-01', TRUE, '2026-03-01T01:00:10.000000Z', '2026-03-01T01:00:41.000000Z',
     '2026-03-01T01:00:41.000000Z', 'backfill', 4, 18, 1, 'first', 1, NULL, TRUE, TRUE, '1', 2, '{_HASH}c', '{{}}');
INSERT INTO article_texts (article_id, body) VALUES
    (1, 'Chợ mới mở cửa lúc bảy giờ sáng.'), (2, 'Cầu đóng đến thứ hai.');
INSERT INTO article_versions (id, article_id, version_number, cause, title, summary, body, extractor_version, fetch_id,
    content_hash, changed_fields, superseded_at) VALUES
    (1, 1, 1, 'first', 'Chợ mới mở cửa', 'Chợ phường mở lại.', 'Chợ mới mở cửa.', '1', 1, '{_HASH}d',
     '["title", "body"]', '2026-03-02T01:01:00.000000Z');
INSERT INTO article_urls (url_key, article_id, url, role, first_seen_at) VALUES
    ('ward.example/cho-moi', 1, 'https://ward.example/cho-moi', 'canonical', '2026-03-01T01:00:40.000000Z'),
    ('ward.example/cau', 2, 'https://ward.example/cau?m=1', 'requested', '2026-03-01T01:00:41.000000Z');
INSERT INTO authors (id, name) VALUES (1, 'Nguyễn Thị Hoà'), (2, 'Lan Anh');
INSERT INTO article_authors (article_id, position, author_id) VALUES (1, 1, 2), (1, 2, 1);
INSERT INTO tags (id, name) VALUES (1, 'chợ'), (2, 'phường');
INSERT INTO article_tags (article_id, position, tag_id) VALUES (1, 1, 2), (1, 2, 1), (2, 1, 1);
INSERT INTO article_agencies (article_id, position, agency) VALUES (1, 1, 'TTXVN');
INSERT INTO pages (id, url_key, url, host_id, source_id, state, priority, ingested_via, queued_at, next_attempt_at,
    attempts, outcome, reason, etag, last_modified, fetch_id, article_id, lease_token) VALUES
    (1, 'ward.example/cho-moi', 'https://ward.example/cho-moi', 1, 1, 'done', 0, 'feed', '2026-03-01T01:00:10.000000Z',
     NULL, 1, 'updated', 'changed: title, body', NULL, NULL, 3, 1, NULL),
    (2, 'ward.example/cau', 'https://ward.example/cau', 1, 1, 'done', -10, 'backfill', '2026-03-01T01:00:10.000000Z',
     NULL, 1, 'loaded', NULL, NULL, NULL, 2, 2, NULL),
    (3, 'ward.example/dem', 'https://ward.example/dem', 1, 1, 'queued', 0, 'feed', '2026-03-03T01:00:10.000000Z',
     '2026-03-03T01:00:10.000000Z', 0, NULL, NULL, NULL, NULL, NULL, NULL, '11111111111111111111111111111111');
INSERT INTO fetches (id, page_id, run_id, at, url, outcome, reason, status, bytes, duration_ms, redirects, archive_id,
    archive_offset, archive_length, digest, original_fetch_id, is_noarchive) VALUES
    (1, 1, 1, '2026-03-01T01:00:20.000000Z', 'https://ward.example/cho-moi', NULL, NULL, 200, 900, 80, 0, 1, 0, 700,
     'sha256:1', NULL, FALSE),
    (2, 2, 1, '2026-03-01T01:00:22.000000Z', 'https://ward.example/cau', NULL, NULL, 200, 800, 80, 1, 1, 700, 600,
     'sha256:2', NULL, TRUE),
    (3, 1, 2, '2026-03-02T01:00:20.000000Z', 'https://ward.example/cho-moi', NULL, NULL, 200, 950, 90, 0, 1, 1300, 700,
     'sha256:3', NULL, FALSE);
INSERT INTO entries (id, feed_id, guid, url, page_id, title, summary, authors, categories, enclosures, published_at,
    published_on, published_local, content_hash, first_seen_at, first_run_id, outcome, reason) VALUES
    (1, 1, 'guid-1', 'https://ward.example/cho-moi', 1, 'Chợ mới', 'Chợ.', '["Lan Anh"]', '[]', '[]',
     '2026-03-01T00:30:00.000000Z', '2026-03-01', '2026-03-01T07:30:00', '{_HASH}e', '2026-03-01T01:00:10.000000Z', 1,
     'updated', NULL),
    (2, 1, '', 'https://ward.example/cau', 2, NULL, NULL, '[]', '["Cầu"]', '[{{"url": "https://ward.example/a.mp3"}}]',
     NULL, NULL, NULL, '{_HASH}f', '2026-03-01T01:00:10.000000Z', 1, 'loaded', NULL),
    (3, 1, 'guid-3', '', NULL, 'Không có đường dẫn', NULL, '[]', '[]', '[]', NULL, NULL, NULL, '{_HASH}1',
     '2026-03-02T01:00:10.000000Z', 2, 'no_link', NULL);
INSERT INTO ledger (run_id, entry_id, outcome, reason, at) VALUES
    (1, 1, 'loaded', NULL, '2026-03-01T01:00:40.000000Z'), (1, 2, 'loaded', NULL, '2026-03-01T01:00:41.000000Z'),
    (2, 1, 'updated', 'changed: title, body', '2026-03-02T01:01:00.000000Z'),
    (2, 3, 'no_link', NULL, '2026-03-02T01:00:10.000000Z');
INSERT INTO polls (id, feed_id, run_id, at, outcome, reason, status, url, bytes, entries_seen, entries_new,
    entries_changed, has_gap, duration_ms) VALUES
    (1, 1, 1, '2026-03-01T01:00:05.000000Z', 'new_entries', NULL, 200, 'https://ward.example/rss', 900, 2, 2, 0, FALSE,
     40),
    (2, 1, 2, '2026-03-01T23:00:05.000000Z', 'server_error', 'HTTP 500', 500, 'https://ward.example/rss', 0, 0, 0, 0,
     FALSE, 40),
    (3, 1, 2, '2026-03-02T01:00:05.000000Z', 'new_entries', NULL, 200, 'https://ward.example/rss', 900, 2, 1, 1, TRUE,
     40),
    (4, 1, 3, '2026-03-03T01:00:05.000000Z', 'not_modified', NULL, 304, NULL, 0, 0, 0, 0, FALSE, 12);
"""


def statements(rows: str) -> list[str]:
    """Cut the text into its statements."""
    return [statement for statement in rows.split(";\n") if statement.strip()]
