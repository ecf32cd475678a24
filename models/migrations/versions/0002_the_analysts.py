"""The analyst's warehouse and backfills: stories, judgement, withdrawals, rechecks, versions that explain themselves."""

import hashlib
import re

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from models.types import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('article_copies',
    sa.Column('article_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False, comment='The later article, the copy (articles.id).'),
    sa.Column('original_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False, comment='The earlier article (articles.id).'),
    sa.Column('share', sa.Float(), nullable=False, comment="Share of the copy's five-word runs that the original has, 0 to 1."),
    sa.Column('original_share', sa.Float(), nullable=False, comment="Share of the original's runs that the copy has, 0 to 1."),
    sa.Column('is_credited', sa.Boolean(), server_default=sa.false(), nullable=False, comment="The copy credits the original's source, or the agency that both name."),
    sa.Column('is_same_story', sa.Boolean(), server_default=sa.false(), nullable=False, comment='Whether this copy makes one story of the two; a digest of several stories does not.'),
    sa.Column('found_at', UtcDateTime(), nullable=False, comment='When it was found.'),
    sa.PrimaryKeyConstraint('article_id', 'original_id', name=op.f('pk_article_copies')),
    comment='One row is a pair of articles that share a good part of their words.'
    )
    op.create_index('ix_article_copies_original_id', 'article_copies', ['original_id'], unique=False)
    op.create_table('article_prints',
    sa.Column('article_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False, comment='The article (articles.id).'),
    sa.Column('sought_on', sa.Date(), nullable=False, comment='Day by which copies are sought: published, else first seen (UTC).'),
    sa.Column('shingle_count', sa.Integer(), nullable=False, comment='Different five-word runs of its body; 0 without a body.'),
    sa.Column('samples', sa.LargeBinary(), nullable=False, comment='The sampled hashes, little-endian, eight bytes each.'),
    sa.Column('story_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True, comment='The story that it belongs to (stories.id); NULL when it is alone.'),
    sa.Column('is_crossroad', sa.Boolean(), server_default=sa.false(), nullable=False, comment='Three articles that it shares words with have nothing to do with each other.'),
    sa.Column('is_digest', sa.Boolean(), server_default=sa.false(), nullable=False, comment='Nor have their stories: it joins none of them.'),
    sa.Column('is_stale', sa.Boolean(), server_default=sa.false(), nullable=False, comment='articles.story_id is yet to be set: another process held the row.'),
    sa.PrimaryKeyConstraint('article_id', name=op.f('pk_article_prints')),
    comment='One row is an article whose text was compared with others, and what was decided about it.'
    )
    op.create_index(op.f('ix_article_prints_story_id'), 'article_prints', ['story_id'], unique=False)
    op.create_index('ix_article_prints_stale', 'article_prints', ['article_id'], unique=False, sqlite_where=sa.text('is_stale'), postgresql_where=sa.text('is_stale'))
    op.create_table('article_shingles',
    sa.Column('week', sa.Integer(), autoincrement=False, nullable=False, comment='Number of the seven days that it counts in, from 1970-01-01 on: what is near in time is near in the table.'),
    sa.Column('hash', sa.BigInteger(), autoincrement=False, nullable=False, comment='Hash of a run of five words.'),
    sa.Column('article_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False, comment='The article (articles.id).'),
    sa.Column('source_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False, comment='Its publisher (sources.id).'),
    sa.Column('shingle_count', sa.Integer(), nullable=False, comment='Different five-word runs of its body.'),
    sa.PrimaryKeyConstraint('week', 'hash', 'article_id', name=op.f('pk_article_shingles')),
    comment="One row is a sampled five-word run of an article's text.",
    sqlite_with_rowid=False
    )
    op.create_table('common_shingles',
    sa.Column('week', sa.Integer(), autoincrement=False, nullable=False, comment='Number of the seven days that it counts in, from 1970-01-01 on: what is near in time is near in the table.'),
    sa.Column('hash', sa.BigInteger(), autoincrement=False, nullable=False, comment='Hash of a run of five words.'),
    sa.PrimaryKeyConstraint('week', 'hash', name=op.f('pk_common_shingles')),
    comment='One row is a run of words that a site prints again and again; it says nothing about copies.',
    sqlite_with_rowid=False
    )
    op.create_table('article_topics',
    sa.Column('topic_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False, comment='The topic (topics.id).'),
    sa.Column('article_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False, comment='The article (articles.id).'),
    sa.Column('mentions', sa.Integer(), server_default=sa.text('1'), nullable=False, comment='How often its phrases occur.'),
    sa.PrimaryKeyConstraint('topic_id', 'article_id', name=op.f('pk_article_topics')),
    comment='One row is a topic of an article.'
    )
    op.create_index('ix_article_topics_article_id', 'article_topics', ['article_id'], unique=False)
    op.create_table('section_groups',
    sa.Column('section', sa.Text(), nullable=False, comment="A section's name, case-folded, as articles have it."),
    sa.Column('name', sa.Text(), nullable=False, comment="The group's name in sections.yaml."),
    sa.PrimaryKeyConstraint('section', name=op.f('pk_section_groups')),
    comment="One row puts a section's name into a group, so that sections compare across papers."
    )
    op.create_table('stories',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False, comment="The row's own key."),
    sa.Column('uid', sa.String(length=32), nullable=False, comment="Stable public id: the uid of the story's first article."),
    sa.Column('article_count', sa.Integer(), server_default=sa.text('1'), nullable=False, comment='Articles in it.'),
    sa.Column('source_count', sa.Integer(), server_default=sa.text('1'), nullable=False, comment='Publishers in it.'),
    sa.Column('first_at', UtcDateTime(), nullable=False, comment='When its first article was published, else first seen.'),
    sa.Column('last_at', UtcDateTime(), nullable=False, comment='When its last article was published, else first seen.'),
    sa.Column('updated_at', UtcDateTime(), nullable=False, comment='When its articles last changed.'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_stories')),
    sa.UniqueConstraint('uid', name=op.f('uq_stories_uid')),
    comment='One row is a story: articles of one or more sources that share their words.'
    )
    op.create_index('ix_stories_first_at', 'stories', ['first_at'], unique=False)
    op.create_table('tombstones',
    sa.Column('url_key', sa.Text(), nullable=False, comment='An address of the removed article; it is never loaded again.'),
    sa.Column('uid', sa.String(length=32), nullable=False, comment="The removed article's stable public id."),
    sa.Column('source', sa.String(length=64), nullable=False, comment="The publisher's short name (sources.slug)."),
    sa.Column('removed_at', UtcDateTime(), nullable=False, comment='When.'),
    sa.Column('removed_by', sa.Text(), nullable=False, comment='Who.'),
    sa.Column('reason', sa.Text(), nullable=False, comment='Why, in their words.'),
    sa.PrimaryKeyConstraint('url_key', name=op.f('pk_tombstones')),
    comment='One row is an address whose article a person removed.'
    )
    op.create_index('ix_tombstones_removed_at', 'tombstones', ['removed_at'], unique=False)
    op.create_index(op.f('ix_tombstones_uid'), 'tombstones', ['uid'], unique=False)
    op.create_table('topics',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False, comment="The row's own key."),
    sa.Column('name', sa.Text(), nullable=False, comment="The topic's name."),
    sa.Column('phrases', sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql'), nullable=False, comment='Phrases of which one must occur, a list.'),
    sa.Column('exclusions', sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql'), nullable=False, comment='Phrases of which none may occur, a list.'),
    sa.Column('digest', sa.String(length=64), nullable=False, comment='SHA-256 of the rule, to notice a change.'),
    sa.Column('tagged_up_to_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), server_default=sa.text('0'), nullable=False, comment='Articles up to this key have been compared with the rule as it is now (articles.id).'),
    sa.Column('changed_at', UtcDateTime(), nullable=False, comment='When the rule last changed.'),
    sa.Column('retired_at', UtcDateTime(), nullable=True, comment='When it left topics.yaml; NULL while it is in it.'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_topics')),
    sa.UniqueConstraint('name', name=op.f('uq_topics_name')),
    comment='One row is a topic of topics.yaml.'
    )
    op.create_table('backfills',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False, comment="The row's own key."),
    sa.Column('kind', sa.String(length=16), nullable=False, comment='sitemap, feed, warc, urls, files or reextract.'),
    sa.Column('fingerprint', sa.String(length=64), nullable=False, comment='SHA-256 of kind and parameters: the same command again is the same backfill, and goes on.'),
    sa.Column('parameters', sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql'), nullable=False, comment='What was asked for.'),
    sa.Column('state', sa.String(length=16), nullable=False, comment='planning, working, done or interrupted.'),
    sa.Column('place', sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql'), nullable=False, comment='How far it has come, as its kind notes it.'),
    sa.Column('planned', sa.Integer(), server_default=sa.text('0'), nullable=False, comment='Pages or records to be done.'),
    sa.Column('counts', sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql'), nullable=False, comment='Outcomes so far, counted.'),
    sa.Column('created_at', UtcDateTime(), nullable=False, comment='When it was first asked for.'),
    sa.Column('updated_at', UtcDateTime(), nullable=False, comment='When it last went on.'),
    sa.Column('finished_at', UtcDateTime(), nullable=True, comment='When it was done.'),
    sa.Column('lease_token', sa.String(length=32), nullable=True, comment='The lease of the process that has this row in hand; NULL when free.'),
    sa.CheckConstraint("state IN ('planning', 'working', 'done', 'interrupted')", name=op.f('ck_backfills_state_known')),
    sa.ForeignKeyConstraint(['lease_token'], ['leases.token'], name=op.f('fk_backfills_lease_token_leases')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_backfills')),
    sa.UniqueConstraint('fingerprint', name=op.f('uq_backfills_fingerprint')),
    comment='One row is a backfill or re-extraction, with how far it has come.'
    )
    op.create_index(op.f('ix_backfills_lease_token'), 'backfills', ['lease_token'], unique=False)
    op.create_table('backfill_files',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False, comment="The row's own key."),
    sa.Column('backfill_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False, comment='The backfill.'),
    sa.Column('name', sa.Text(), nullable=False, comment='Path or address of the file, sitemap or list.'),
    sa.Column('position', sa.BigInteger(), server_default=sa.text('0'), nullable=False, comment='Bytes or lines that are committed.'),
    sa.Column('state', sa.String(length=16), nullable=False, comment='waiting, done or failed.'),
    sa.Column('records', sa.Integer(), server_default=sa.text('0'), nullable=False, comment='Records or addresses read from it.'),
    sa.Column('reason', sa.Text(), nullable=True, comment='Why it failed, or what was odd about it.'),
    sa.ForeignKeyConstraint(['backfill_id'], ['backfills.id'], name=op.f('fk_backfill_files_backfill_id_backfills')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_backfill_files')),
    comment='One row is a file that a backfill reads.'
    )
    op.create_index('uq_backfill_files_identity', 'backfill_files', ['backfill_id', 'name'], unique=True)
    op.create_table('corrections',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False, comment="The row's own key."),
    sa.Column('article_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False, comment='The article.'),
    sa.Column('field', sa.String(length=32), nullable=False, comment='The column of articles that was corrected, or authors, tags.'),
    sa.Column('value', sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql'), nullable=True, comment='What it was set to; it holds against every later capture.'),
    sa.Column('previous', sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql'), nullable=True, comment='What it was before.'),
    sa.Column('corrected_at', UtcDateTime(), nullable=False, comment='When.'),
    sa.Column('corrected_by', sa.Text(), nullable=False, comment='Who.'),
    sa.Column('reason', sa.Text(), nullable=False, comment='Why, in their words.'),
    sa.Column('revoked_at', UtcDateTime(), nullable=True, comment='When it was taken back; NULL while it holds.'),
    sa.ForeignKeyConstraint(['article_id'], ['articles.id'], name=op.f('fk_corrections_article_id_articles')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_corrections')),
    comment='One row is a value that a person corrected.'
    )
    op.create_index(op.f('ix_corrections_article_id'), 'corrections', ['article_id'], unique=False)
    op.create_table('rejected',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False, comment="The row's own key."),
    sa.Column('page_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False, comment='The page.'),
    sa.Column('source_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False, comment='The publisher.'),
    sa.Column('run_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False, comment='The run that set it aside.'),
    sa.Column('fetch_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True, comment='The capture (fetches.id).'),
    sa.Column('url', sa.Text(), nullable=False, comment="The page's address."),
    sa.Column('title', sa.Text(), nullable=True, comment='Headline of the capture.'),
    sa.Column('rule', sa.String(length=32), nullable=False, comment='The rule that it broke.'),
    sa.Column('detail', sa.Text(), nullable=False, comment='What the rule saw.'),
    sa.Column('content', sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql'), nullable=False, comment='The article as extracted, to be loaded when it is released.'),
    sa.Column('content_hash', sa.String(length=64), nullable=False, comment='SHA-256 of the words of title, summary and body.'),
    sa.Column('extractor_version', sa.String(length=32), nullable=False, comment='The extractor that made the content.'),
    sa.Column('rejected_at', UtcDateTime(), nullable=False, comment='When it was set aside.'),
    sa.Column('state', sa.String(length=16), server_default='waiting', nullable=False, comment='waiting, released (loaded all the same) or discarded.'),
    sa.Column('decided_at', UtcDateTime(), nullable=True, comment='When a person decided.'),
    sa.Column('decided_by', sa.Text(), nullable=True, comment='Who decided.'),
    sa.Column('decided_reason', sa.Text(), nullable=True, comment='Why, in their words.'),
    sa.CheckConstraint("state IN ('waiting', 'released', 'discarded')", name=op.f('ck_rejected_state_known')),
    sa.ForeignKeyConstraint(['page_id'], ['pages.id'], name=op.f('fk_rejected_page_id_pages')),
    sa.ForeignKeyConstraint(['run_id'], ['runs.id'], name=op.f('fk_rejected_run_id_runs')),
    sa.ForeignKeyConstraint(['source_id'], ['sources.id'], name=op.f('fk_rejected_source_id_sources')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_rejected')),
    comment='One row is a capture that broke a quality rule and waits for a person.'
    )
    op.create_index('ix_rejected_state', 'rejected', ['state', 'rejected_at'], unique=False)
    op.create_index('uq_rejected_identity', 'rejected', ['page_id', 'content_hash'], unique=True)
    op.add_column('article_versions', sa.Column('began_at', UtcDateTime(), nullable=True, comment='When this version was first seen by us.'))
    op.add_column('article_versions', sa.Column('word_count', sa.Integer(), nullable=True, comment="Words of this version's body."))
    op.add_column('article_versions', sa.Column('char_count', sa.Integer(), nullable=True, comment="Characters of this version's body."))
    op.add_column('article_versions', sa.Column('words_added', sa.Integer(), nullable=True, comment='Words that the version after it added to title, summary and body.'))
    op.add_column('article_versions', sa.Column('words_removed', sa.Integer(), nullable=True, comment='Words that the version after it removed from them.'))
    op.add_column('article_versions', sa.Column('diff', sa.Text(), nullable=True, comment='What the version after it changed, paragraph by paragraph: lines begin with -, + or ~.'))
    op.add_column('article_versions', sa.Column('fields', sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql'), nullable=True, comment='The other values of this version (authors, tags, section, dates), by column.'))
    op.add_column('articles', sa.Column('story_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True, comment='The story that it belongs to (stories.id); NULL when it is alone.'))
    op.add_column('articles', sa.Column('version_began_at', UtcDateTime(), nullable=True, comment='When this version was first seen by us.'))
    op.add_column('articles', sa.Column('last_checked_at', UtcDateTime(), nullable=True, comment='When its page was last looked at.'))
    op.add_column('articles', sa.Column('withdrawn_at', UtcDateTime(), nullable=True, comment='When its page was found gone, redirected to a front page or emptied; NULL while it is there.'))
    op.add_column('articles', sa.Column('withdrawn_outcome', sa.String(length=24), nullable=True, comment='The outcome that told so.'))
    op.add_column('articles', sa.Column('withdrawn_reason', sa.Text(), nullable=True, comment='The detail of that outcome.'))
    op.add_column('articles', sa.Column('body_hash', sa.String(length=32), nullable=True, comment="First half of the SHA-256 of the body's words, however much of it is kept; NULL without a body."))
    op.create_index('ix_articles_body_hash', 'articles', ['body_hash', 'source_id'], unique=False)
    op.create_index(op.f('ix_articles_story_id'), 'articles', ['story_id'], unique=False)
    op.add_column('feeds', sa.Column('known_entries', sa.Text(), nullable=True, comment="Digests of the last body's entries as written: they are not read again."))
    op.add_column('pages', sa.Column('backfill_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True, comment='The backfill that queued it (backfills.id); NULL: live, by a feed.'))
    op.add_column('pages', sa.Column('rechecks', sa.Integer(), server_default=sa.text('0'), nullable=False, comment='How often it was looked at again.'))
    op.add_column('pages', sa.Column('next_recheck_at', UtcDateTime(), nullable=True, comment='When it is to be looked at again; NULL: not any more.'))
    op.add_column('pages', sa.Column('stated', sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql'), nullable=True, comment='What its backfill knows of it: the place of a capture, a stated date; or NULL.'))
    op.add_column('pages', sa.Column('missing_since_at', UtcDateTime(), nullable=True, comment='Since when its article has been found gone or emptied; NULL: it is there.'))
    op.create_index('ix_pages_backfill_id', 'pages', ['backfill_id', 'state', 'outcome'], unique=False, sqlite_where=sa.text('backfill_id IS NOT NULL'), postgresql_where=sa.text('backfill_id IS NOT NULL'))
    op.drop_index('ix_pages_due', table_name='pages')
    op.create_index('ix_pages_due', 'pages', ['backfill_id', sa.literal_column('priority DESC'), 'next_attempt_at', 'id'], unique=False, sqlite_where=sa.text("state <> 'done'"), postgresql_where=sa.text("state <> 'done'"))
    op.create_index('ix_pages_recheck', 'pages', ['next_recheck_at'], unique=False, sqlite_where=sa.text('next_recheck_at IS NOT NULL'), postgresql_where=sa.text('next_recheck_at IS NOT NULL'))
    op.add_column('sources', sa.Column('is_own', sa.Boolean(), server_default=sa.false(), nullable=False, comment="The newsroom's own paper."))
    op.add_column('sources', sa.Column('is_rechecked', sa.Boolean(), server_default=sa.true(), nullable=False, comment='Whether its articles are looked at again for edits and withdrawals.'))
    op.add_column('sources', sa.Column('hints', sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql'), nullable=True, comment='How to read its pages where no rule fits, as the feeds file says.'))
    # What is there began when it was loaded, or when it took the place of the version before it.
    op.execute(
        "UPDATE articles SET version_began_at = coalesce((SELECT max(v.superseded_at) FROM article_versions v"
        " WHERE v.article_id = articles.id), first_loaded_at)"
    )
    op.execute(
        "UPDATE article_versions SET began_at = coalesce((SELECT max(v.superseded_at) FROM article_versions v"
        " WHERE v.article_id = article_versions.article_id AND v.version_number < article_versions.version_number),"
        " (SELECT a.first_loaded_at FROM articles a WHERE a.id = article_versions.article_id)),"
        " char_count = length(body)"
    )
    _hash_bodies(op.get_bind())
    _count_words(op.get_bind())


# Frozen here, as pipeline.articles.wording had them at this revision.
_PLAIN = {
    "\u2018\u2019\u201a\u201b\u2032\u00b4`": "'",
    "\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb": '"',
    "\u2010\u2011\u2012\u2013\u2014\u2015\u2212": "-",
    "\u2026": "...",
}
_TYPOGRAPHY = [(odd, plain) for odds, plain in _PLAIN.items() for odd in odds]
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W{_UNSPACED}]+")
_MANY = 500


def _wording(text: str) -> str:
    for odd, plain in _TYPOGRAPHY:
        text = text.replace(odd, plain)
    return " ".join(text.split())


def _hash_bodies(connection: sa.Connection) -> None:
    """Hash the words of every body, a few hundred at a time."""
    texts = sa.text(
        "SELECT article_id, body FROM article_texts WHERE article_id > :after ORDER BY article_id LIMIT :many"
    )
    write = sa.text("UPDATE articles SET body_hash = :hash WHERE id = :id")
    after = 0
    while rows := connection.execute(texts, {"after": after, "many": _MANY}).all():
        after = rows[-1][0]
        worded = [(key, _wording(body)) for key, body in rows]
        hashed = [{"id": key, "hash": hashlib.sha256(words.encode()).hexdigest()[:32]} for key, words in worded if words]
        if hashed:
            connection.execute(write, hashed)


def _count_words(connection: sa.Connection) -> None:
    """Count the words of every version that was kept."""
    texts = sa.text("SELECT id, body FROM article_versions WHERE id > :after ORDER BY id LIMIT :many")
    write = sa.text("UPDATE article_versions SET word_count = :words WHERE id = :id")
    after = 0
    while rows := connection.execute(texts, {"after": after, "many": _MANY}).all():
        after = rows[-1][0]
        connection.execute(write, [{"id": key, "words": len(_WORD.findall(body))} for key, body in rows])
