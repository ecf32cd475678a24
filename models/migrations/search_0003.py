"""The search index as revision 0003 makes it, and the functions of PostgreSQL that ask it; frozen.

`pipeline/search_text.py` folds the texts by the same rules; a test compares the two.
"""

from collections.abc import Iterator

SEPARATORS = (
    r"\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00a9\u00ab-\u00b4\u00b6-\u00b9\u00bb-\u00bf\u00d7\u00f7"
    r"\u037e\u0387\u055a-\u055f\u0589\u058a\u05be\u05c0\u05c3\u05c6\u05f3\u05f4\u060c\u060d\u061b-\u061f\u066a-\u066d"
    r"\u06d4\u0964\u0965\u0970\u0e2f\u0e3f\u0e4f\u0e5a\u0e5b\u104a-\u104f\u1361-\u1368\u17d4-\u17d6\u17d8-\u17da"
    r"\u2000-\u20cf\u2100-\u2bff\u2e00-\u2e7f\u3000-\u3004\u3008-\u3020\u3030\u303d-\u303f\u30a0\u30fb\ue000-\uf8ff"
    r"\ufd3e\ufd3f\ufe00-\ufe1f\ufe30-\ufe6f\uff00-\uff0f\uff5f-\uff65\ufff0-\uffff"
    r"\U0001f000-\U0001faff\U000e0000-\U0010ffff"
)
UNSPACED = (
    r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    r"\U00020000-\U0003ffff"
)
MARKS = (
    r"\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
    r"\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670"
    r"\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed"
)
TONES = r"\u0300\u0301\u0303\u0309\u0323"
# Single letters for single letters; the pairs stay as they are, by Unicode's promise on case folding.
STROKES, BARE = "đðøłħŧıŋ", "ddolhtin"
CAPITALS = "".join(
    capital
    for capital in map(
        chr, (*range(0x41, 0x590), *range(0x10A0, 0x1100), *range(0x1C90, 0x1CC0), *range(0x1E00, 0x2000))
    )
    if len(capital.casefold()) == 1 and capital.casefold() != capital
)
SMALL = CAPITALS.casefold()
# What is left of them when marks are apart and ASCII is small. PostgreSQL's translate goes through the whole list at
# every letter: the long one is only for texts in these scripts.
BARRED, UNBARRED = f"ĐÐØŁĦŦŊ{STROKES}", f"ddolhtn{BARE}"
BASE_CAPITALS = "".join(chr(c) for c in (*range(0x391, 0x3AA), *range(0x410, 0x430))) + "ς"
BASE_SMALL = BASE_CAPITALS.casefold()


def statements(dialect: str, schema: str) -> Iterator[str]:
    """Give the statements that make index and functions, `schema` being the quoted name of the warehouse's schema."""
    yield from _postgres(schema) if dialect == "postgresql" else SQLITE


SQLITE = (
    """
    CREATE TABLE article_search (
        article_id INTEGER NOT NULL PRIMARY KEY,
        content_hash VARCHAR(64) NOT NULL,
        document BLOB NOT NULL
    )""",
    # What FTS5 shows of a hit: the text itself. Its folded columns show it as well, so that a snippet has its marks.
    """
    CREATE VIEW search_documents AS
    SELECT a.id AS article_id, a.title, CASE WHEN t.body = '' THEN a.summary ELSE t.body END AS body,
        a.title AS folded_title, CASE WHEN t.body = '' THEN a.summary ELSE t.body END AS folded_body
    FROM articles a JOIN article_texts t ON t.article_id = a.id""",
    # The marks of Indic and Thai letters belong to words.
    """
    CREATE VIRTUAL TABLE report_search USING fts5(
        title, body, folded_title, folded_body, content='search_documents', content_rowid='article_id',
        tokenize="unicode61 remove_diacritics 0 categories 'L* N* Co Mn Mc'"
    )""",
    "INSERT INTO report_search(report_search, rank) VALUES ('rank', 'bm25(10.0, 1.0, 5.0, 0.5)')",
)


def _postgres(schema: str) -> Iterator[str]:
    yield """
        CREATE TABLE article_search (
            article_id BIGINT NOT NULL CONSTRAINT pk_article_search PRIMARY KEY,
            content_hash VARCHAR(64) NOT NULL,
            words TSVECTOR NOT NULL
        )"""
    yield "CREATE INDEX ix_article_search_words ON article_search USING gin (words)"
    yield "COMMENT ON TABLE article_search IS 'One row has the words of an article for search.'"
    yield "COMMENT ON COLUMN article_search.article_id IS 'The article (articles.id).'"
    yield "COMMENT ON COLUMN article_search.content_hash IS 'The text that was indexed (articles.content_hash).'"
    yield (
        "COMMENT ON COLUMN article_search.words IS "
        "'Its words without marks at their places, A the title, D the body; and those that have marks as written.'"
    )
    yield from (SEARCH_WORDS, SEARCH_QUERY, SEARCH_SNIPPET)
    yield SEARCH_ARTICLES.replace(":schema", schema)
    yield "REVOKE ALL ON FUNCTION search_articles(text, date, date, text, boolean, integer) FROM PUBLIC"
    yield (
        "COMMENT ON FUNCTION search_articles(text, date, date, text, boolean, integer) IS "
        '\'Articles that have all words of the query: marks may be left out, "…" is a phrase, -word leaves out, '
        "word* is a beginning. since and until are days of report_date, until not included.'"
    )


SEARCH_WORDS = f"""
CREATE FUNCTION search_words(phrase text, is_exact boolean) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $body$
DECLARE
    found text[] := '{{}}';
    run text[];
    word text;
BEGIN
    FOR run IN
        SELECT regexp_matches(
            regexp_replace(normalize(phrase, NFKC), '[{SEPARATORS}]+', ' ', 'g'), '[{UNSPACED}]+|[^ {UNSPACED}]+', 'g')
    LOOP
        word := run[1];
        IF word ~ '^[{UNSPACED}]' THEN
            IF length(word) = 1 THEN
                found := found || word;
            END IF;
            FOR at IN 1 .. length(word) - 1 LOOP
                found := found || normalize(substr(word, at, 2), NFC);
            END LOOP;
            CONTINUE;
        END IF;
        word := translate(replace(replace(replace(left(word, 100), 'ß', 'ss'), 'ẞ', 'ss'), 'İ', U&'i\\0307'),
            '{CAPITALS}', '{SMALL}');
        word := normalize(word, NFD);
        word := regexp_replace(word, 'o([ae])([{TONES}])$', 'o\\2\\1');
        word := regexp_replace(word, '(^|[^q])u(y)([{TONES}])$', '\\1u\\3\\2');
        word := regexp_replace(word, '^qu([{TONES}])y$', 'quy\\1');
        IF is_exact THEN
            found := found || normalize(word, NFC);
        ELSE
            found := found || coalesce(nullif(normalize(replace(replace(replace(translate(
                regexp_replace(normalize(word, NFKD), '[{MARKS}]', '', 'g'),
                '{STROKES}', '{BARE}'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th'), NFC), ''), normalize(word, NFC));
        END IF;
    END LOOP;
    RETURN found;
END $body$"""

SEARCH_QUERY = f"""
CREATE FUNCTION search_query(query text, is_exact boolean) RETURNS tsquery
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $body$
DECLARE
    part text[];
    words text[];
    last text;
    term text;
    wanted text[] := '{{}}';
    unwanted text[] := '{{}}';
BEGIN
    FOR part IN
        SELECT regexp_matches(
            regexp_replace(
                translate(left(query, 500), '“”„«»', repeat('"', 5)), '[\\u0001-\\u0020\\u00a0\\u3000]+', ' ', 'g'),
            '(-?)(?:"([^"]*)(?:"|$)([*]?)|([^ "]+))', 'g')
    LOOP
        words := search_words(coalesce(part[2], part[4]), is_exact);
        CONTINUE WHEN cardinality(words) = 0;
        last := words[cardinality(words)];
        -- Words as written have no places: a phrase is found by its folded words.
        term := '(''' || array_to_string(words, CASE WHEN is_exact THEN ''' & ''' ELSE ''' <-> ''' END) || '''';
        IF part[3] = '*' OR right(part[4], 1) = '*' OR (length(last) = 1 AND last ~ '^[{UNSPACED}]') THEN
            term := term || ':*';
        END IF;
        IF part[1] = '-' THEN
            unwanted := unwanted || (' & !' || term || ')');
        ELSE
            wanted := wanted || (term || ')');
        END IF;
    END LOOP;
    IF cardinality(wanted) = 0 THEN
        RETURN ''::tsquery;
    END IF;
    RETURN (array_to_string(wanted, ' & ') || array_to_string(unwanted, ''))::tsquery;
END $body$"""

SEARCH_SNIPPET = f"""
CREATE FUNCTION search_snippet(body text, query text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $body$
DECLARE
    plain text;
    words text[] := search_words(regexp_replace(left(query, 500), '-("[^"]*"|[^ "]+)', ' ', 'g'), false);
    sought text;
    place integer := 0;
BEGIN
    IF body IS NOT NFC NORMALIZED THEN
        body := normalize(body, NFC);
    END IF;
    plain := normalize(regexp_replace(normalize(body, NFD), '[{MARKS}]', '', 'g'), NFC);
    plain := translate(lower(plain COLLATE "C"), '{BARRED}', '{UNBARRED}');
    IF plain ~ '[{BASE_CAPITALS}]' THEN
        plain := translate(plain, '{BASE_CAPITALS}', '{BASE_SMALL}');
    END IF;
    plain := ' ' || regexp_replace(plain, '[{SEPARATORS}]', ' ', 'g') || ' ';
    IF cardinality(words) > 0 THEN
        FOREACH sought IN ARRAY array_to_string(words, ' ') || words LOOP
            place := strpos(plain, CASE WHEN sought ~ '^[{UNSPACED}]' THEN sought ELSE ' ' || sought END);
            EXIT WHEN place > 0;
        END LOOP;
    END IF;
    IF place = 0 THEN
        RETURN left(body, 200);
    END IF;
    IF sought ~ '^[{UNSPACED}]' THEN
        place := place - 1;
    END IF;
    RETURN CASE WHEN place > 80 THEN '…' ELSE '' END || substr(body, greatest(place - 79, 1), least(place - 1, 79))
        || '[' || substr(body, place, length(sought)) || ']' || substr(body, place + length(sought), 120)
        || CASE WHEN length(body) > place + length(sought) + 120 THEN '…' ELSE '' END;
END $body$"""

# Of a word that every article has, only the newest hits are ranked. The planner does not know that reading a tsvector
# means fetching it from beside the table, and would read them all.
SEARCH_ARTICLES = """
CREATE FUNCTION search_articles(
    query text, since date DEFAULT NULL, until date DEFAULT NULL, source text DEFAULT NULL,
    newest boolean DEFAULT false, most integer DEFAULT 50
) RETURNS TABLE (article_id bigint, is_exact boolean, rank real, snippet text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = :schema, pg_temp SET enable_seqscan = off AS $body$
    WITH asked AS MATERIALIZED (
        SELECT search_query($1, false) AS folded, search_query($1, true) AS exact
    ), matched AS MATERIALIZED (
        SELECT s.article_id, s.words FROM asked, article_search s WHERE s.words @@ asked.folded
    ), found AS MATERIALIZED (
        SELECT s.article_id, s.words, a.report_date, a.published_at
        FROM matched s JOIN articles a ON a.id = s.article_id
        WHERE ($2 IS NULL OR a.report_date >= $2) AND ($3 IS NULL OR a.report_date < $3)
            AND ($4 IS NULL OR a.source_id = (SELECT p.id FROM sources p WHERE p.slug = $4))
        ORDER BY a.report_date DESC, a.published_at DESC NULLS LAST, a.id DESC
        LIMIT CASE WHEN $5 THEN least($6, 1000) ELSE 5000 END
    ), ranked AS (
        SELECT f.article_id, f.words @@ asked.exact AS is_exact,
            ts_rank('{0.1, 0.2, 0.4, 1.0}', f.words, asked.folded, 1) AS rank, f.report_date, f.published_at
        FROM found f, asked
        ORDER BY CASE WHEN $5 THEN NULL ELSE f.words @@ asked.exact END DESC NULLS LAST,
            CASE WHEN $5 THEN NULL ELSE ts_rank('{0.1, 0.2, 0.4, 1.0}', f.words, asked.folded, 1) END DESC NULLS LAST,
            f.report_date DESC, f.published_at DESC NULLS LAST, f.article_id DESC
        LIMIT least($6, 1000)
    )
    SELECT r.article_id, r.is_exact, r.rank,
        search_snippet(coalesce(nullif(t.body, ''), a.summary, a.title, ''), $1)
    FROM ranked r JOIN articles a ON a.id = r.article_id JOIN article_texts t ON t.article_id = r.article_id
    ORDER BY CASE WHEN $5 THEN NULL ELSE r.is_exact END DESC NULLS LAST,
        CASE WHEN $5 THEN NULL ELSE r.rank END DESC NULLS LAST,
        r.report_date DESC, r.published_at DESC NULLS LAST, r.article_id DESC
$body$"""
