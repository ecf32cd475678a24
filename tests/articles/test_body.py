"""The body: what a reader reads as the article, and nothing of what stands around it."""

import json

import pytest
from news_pages import BODY, FIRST, SECOND, STANDFIRST, THIRD, TITLE, VIETNAMESE, body_of, news_page, paragraphs, read

TEXT = paragraphs(FIRST, SECOND, THIRD)
DESCRIPTION = f'<meta property="og:description" content="{STANDFIRST}">'


def test_paragraphs_are_joined_by_line_feeds_without_title_and_frame() -> None:
    assert body_of(TEXT) == BODY


def test_text_in_line_breaks_instead_of_paragraphs_is_read() -> None:
    assert body_of(f"{FIRST}<br><br>{SECOND}<br><br>{THIRD}") == BODY


def test_words_keep_together_across_inline_mark_up() -> None:
    marked = FIRST.replace("county", '<a href="/c">c<b>ou</b>nty</a>')
    assert body_of(paragraphs(marked, SECOND, THIRD)) == BODY


def test_text_is_nfc_without_soft_hyphens_and_zero_width_characters() -> None:
    decomposed = VIETNAMESE[0].replace("ủ", "u\u0309").replace("cây", "c\u00adây").replace("cầu", "cầ\u200bu")
    assert body_of(paragraphs(decomposed, *VIETNAMESE[1:]), lang="vi") == "\n".join(VIETNAMESE)


def test_end_marks_stay_as_written() -> None:
    closing = "Lễ khởi công có sự tham dự của đại diện các sở, ngành và đông đảo người dân ba xã vùng cao./."
    assert body_of(paragraphs(*VIETNAMESE, closing), lang="vi") == "\n".join([*VIETNAMESE, closing])


@pytest.mark.parametrize(
    "box",
    [
        "<aside><p>Ten bridges that you must see once in your life, chosen by our readers this year.</p></aside>",
        '<figure><img src="b.jpg"><figcaption>The bridge in May. Photo: A. Reader</figcaption></figure>',
        '<div class="related-articles"><h3>Related</h3><p>Flood warning for the whole valley this week.</p></div>',
        '<div class="relatedLinks"><p>Flood warning for the whole valley this week.</p></div>',
        '<div class="newsletter-box"><p>Our letter brings you the best of the week, every Friday at six.</p></div>',
        '<div class="share-bar"><a href="#">Facebook</a> <a href="#">Mail</a></div>',
        '<div id="comments"><p>I have waited for this bridge for years, thank you all so much for this.</p></div>',
        '<ul class="article-tags"><li><a href="/t/1">Bridges</a></li><li><a href="/t/2">Floods</a></li></ul>',
        '<div class="photo-caption">The bridge as it looked in May, seen from the mill.</div>',
        '<div style="display: none">Shown to nobody at all.</div>',
    ],
)
def test_boxes_within_the_text_are_left_out(box: str) -> None:
    assert body_of(f"<p>{FIRST}</p>{box}<p>{SECOND}</p><p>{THIRD}</p>") == BODY


@pytest.mark.parametrize(
    "line",
    [
        'Read more: <a href="/x">Flood warning for the valley</a>',
        '<a href="/x">Xem thêm: Cảnh báo lũ trên toàn lưu vực</a>',
        '<b>Lea también: <a href="/x">Alerta de inundaciones en todo el valle</a></b>',
        '<em>Lesen Sie auch: <a href="/x">Hochwasserwarnung für das ganze Tal</a></em>',
        '>> À lire aussi : <a href="/x">Alerte aux crues dans la vallée</a>',
        'Leggi anche: <a href="/x">Allerta per le piene nella valle</a>',
        'Czytaj też: <a href="/x">Ostrzeżenie przed powodzią w dolinie</a>',
        'Читайте также: <a href="/x">Предупреждение о паводке в долине</a>',
        '<a href="/x">Flood warning for the whole valley until Thursday</a>',
    ],
)
def test_lines_that_point_at_other_articles_are_left_out(line: str) -> None:
    assert body_of(f"<p>{FIRST}</p><p>{line}</p><p>{SECOND}</p><p>{THIRD}</p>") == BODY


def test_a_link_within_a_sentence_is_text() -> None:
    linked = "Read more widely than the plan, said <a href='/x'>the mayor</a>, and you will see why we waited so long."
    text = "Read more widely than the plan, said the mayor, and you will see why we waited so long."
    assert body_of(paragraphs(FIRST, linked, THIRD)) == f"{FIRST}\n{text}\n{THIRD}"


@pytest.mark.parametrize(
    "line",
    [
        "Subscribe to our newsletter to get the news of the valley every morning.",
        "Follow us on Facebook",
        "© 2024 The Tamar Post. All rights reserved.",
        "Advertisement",
        "Anzeige",
        "Quảng cáo",
        "Síguenos en Twitter y Facebook",
        "3 min read",
    ],
)
def test_lines_that_speak_of_the_site_are_left_out(line: str) -> None:
    assert body_of(f"<p>{FIRST}</p><p>{SECOND}</p><p>{THIRD}</p><p>{line}</p>") == BODY


def test_what_follows_the_heading_of_a_closing_box_is_cut() -> None:
    teasers = "<h3>Flood warning until Thursday</h3><h3>Two hurt on the A4 near the mill</h3>"
    assert body_of(f"{TEXT}<h3>More from the region</h3>{teasers}") == BODY


def test_a_list_of_headlines_is_left_out_and_a_list_of_facts_kept() -> None:
    links = "".join(f'<li><a href="/{i}">Headline of another article number {i}</a></li>' for i in range(4))
    facts = "<ul><li>Length: 120 metres.</li><li>Width: 9 metres.</li></ul>"
    assert body_of(f"<p>{FIRST}</p><ul>{links}</ul>{facts}<p>{SECOND}</p><p>{THIRD}</p>") == (
        f"{FIRST}\n- Length: 120 metres.\n- Width: 9 metres.\n{SECOND}\n{THIRD}"
    )


def test_a_byline_and_a_date_above_the_text_are_left_out() -> None:
    assert body_of(f"<p>By Ann Reader</p><p>12.03.2024, 10:20</p>{TEXT}") == BODY


def test_the_author_as_the_last_line_is_left_out() -> None:
    signed = f'{paragraphs(*VIETNAMESE)}<p style="text-align:right"><strong>Minh Anh</strong></p>'
    article = read(news_page(signed, lang="vi"))
    assert article.authors == ("Minh Anh",)
    assert article.body == "\n".join(VIETNAMESE)


# The standfirst


@pytest.mark.parametrize(
    "shown",
    [f'<p class="standfirst">{STANDFIRST}</p>', f'<h2 class="sapo">{STANDFIRST}</h2>', f"<h2>{STANDFIRST}</h2>"],
)
def test_the_standfirst_opens_the_body(shown: str) -> None:
    page = news_page(TEXT, head=DESCRIPTION).replace(b"</h1>", b"</h1>" + shown.encode())
    assert read(page).body == f"{STANDFIRST}\n{BODY}"


def test_a_standfirst_that_only_repeats_the_text_does_not() -> None:
    repeated = f'<p class="standfirst">{FIRST[:70]}…</p>'.encode()
    assert read(news_page(TEXT).replace(b"</h1>", b"</h1>" + repeated)).body == BODY


def test_a_description_that_no_reader_sees_is_not_in_the_body() -> None:
    assert body_of(TEXT, head=DESCRIPTION) == BODY


# The region


def test_a_text_cut_into_pieces_is_put_together() -> None:
    pieces = [
        f'<div class="chunk body"><p>{text}</p><p>{text.replace("the", "that")}</p></div><div class="grid">Ad</div>'
        for text in (FIRST, SECOND, THIRD)
    ]
    body = read(f"<html><body><h1>{TITLE}</h1><div>{''.join(pieces)}</div></body></html>".encode()).body or ""
    assert all(text in body for text in (FIRST, SECOND, THIRD))


def test_longer_comments_do_not_win_over_a_named_article() -> None:
    comment = "I think that this is the best news we have had in a very long time, and I hope it comes true soon. "
    thread = f"<section class='forum'>{paragraphs(*[comment * 3 + str(i) for i in range(30)])}</section>"
    long = paragraphs(*[f"{text} ({i})." for i in range(3) for text in (FIRST, SECOND, THIRD)])
    assert "best news" not in (body_of(long, around=thread) or "")


def test_another_article_that_follows_is_left_out() -> None:
    long = paragraphs(FIRST, SECOND, THIRD, FIRST.upper(), SECOND.upper())
    other = f"<article><h1>Two hurt on the A4</h1>{paragraphs('The crash happened near the mill. ' * 20)}</article>"
    assert "crash" not in (body_of(long, around=other) or "")


def test_a_page_whose_end_tags_are_missing_is_read() -> None:
    broken = (
        f"<html><body><nav><a href='/'>Home</a><h1>{TITLE}</h1><aside>{paragraphs(FIRST, SECOND, THIRD)}</body></html>"
    )
    assert read(broken.encode()).body == BODY


def test_on_photo_pages_the_captions_are_the_text() -> None:
    captions = (FIRST, SECOND, THIRD)
    photos = "".join(
        f"<figure><img src='{i}.jpg'><figcaption>{text}</figcaption></figure>" for i, text in enumerate(captions)
    )
    assert body_of(photos) == BODY


# The publisher's own statement


def stated(text: str) -> str:
    node = {"@context": "https://schema.org", "@type": "NewsArticle", "headline": TITLE, "articleBody": text}
    return f'<script type="application/ld+json">{json.dumps(node)}</script>'


def test_lines_that_the_stated_text_does_not_hold_are_left_out() -> None:
    teaser = "<p>The valley has many mills, and our readers love them all very much indeed.</p>"
    assert body_of(f"<p>{FIRST}</p>{teaser}<p>{SECOND}</p><p>{THIRD}</p>", head=stated(BODY)) == BODY


def test_a_stated_text_that_is_only_a_beginning_changes_nothing() -> None:
    assert body_of(TEXT, head=stated(FIRST)) == BODY


def test_a_page_that_shows_no_text_gives_the_stated_one() -> None:
    article = read(news_page('<div id="app"></div>', head=stated(BODY)))
    assert article.body == BODY
    assert article.provenance["body"] == "json-ld"


def test_a_marked_dateline_stays_at_the_beginning_of_its_paragraph() -> None:
    marked = f'<span class="date dateline">TAMAR BRIDGE - </span>{FIRST}'
    assert body_of(paragraphs(marked, SECOND, THIRD)) == f"TAMAR BRIDGE - {BODY}"


def test_a_link_at_the_end_of_the_standfirst_is_left_out() -> None:
    shown = f'<h2 class="sapo">{STANDFIRST}<br><a href="/x"><b>&nbsp;>>&nbsp;Flood warning for the valley</b></a></h2>'
    page = news_page(TEXT, head=DESCRIPTION).replace(b"</h1>", b"</h1>" + shown.encode())
    assert read(page).body == f"{STANDFIRST}\n{BODY}"


def test_picture_credits_are_left_out() -> None:
    assert body_of(f"<p>{FIRST}</p><p>Foto: A. Reader</p><p>{SECOND}</p><p>{THIRD}</p>") == BODY


def test_what_is_said_about_the_author_at_the_end_is_left_out() -> None:
    head = '<meta name="author" content="Ann Reader">'
    biography = "<p>Ann Reader has been writing about roads and rivers for the Tamar Post since 2011.</p>"
    assert body_of(TEXT + biography, head=head) == BODY


def test_a_standfirst_named_like_a_teaser_opens_the_text() -> None:
    lead = f'<div class="teaser"><p class="abstract">{STANDFIRST}</p></div>'
    assert body_of(lead + TEXT) == f"{STANDFIRST}\n{BODY}"


def test_text_that_goes_on_in_blocks_of_the_same_kind_is_read_to_its_end() -> None:
    block = '<div class="paragraph paragraph--text"><div class="inner">{}</div></div>'
    blocks = block.format(TEXT * 2) + "<hr>" + block.format(f"<p>{VIETNAMESE[0]}</p>")
    assert (body_of(blocks) or "").endswith(VIETNAMESE[0])


@pytest.mark.parametrize("tag", ["h2", "h4", "h6"])
def test_a_sentence_set_as_a_heading_is_text_even_at_the_end(tag: str) -> None:
    assert body_of(f"{TEXT}<{tag}>{FIRST}</{tag}>") == f"{BODY}\n{FIRST}"


def test_bare_divs_between_paragraphs_are_paragraphs() -> None:
    assert body_of(f"<div>{FIRST}<br></div>{paragraphs(SECOND, THIRD)}") == BODY


@pytest.mark.parametrize(
    "box",
    [
        '<div style="text-align:center"><img src="a.jpg"><br><em>{}</em></div>',
        '<p><img src="a.jpg"> <small>{}</small></p>',
        '<table><tr><td><img src="a.jpg"></td></tr><tr><td class="caption">{}</td></tr></table>',
    ],
)
def test_captions_that_only_their_looks_or_cells_tell_are_left_out(box: str) -> None:
    caption = box.format("The old bridge before the flood, seen from the northern bank of the river.")
    assert body_of(paragraphs(FIRST) + caption + paragraphs(SECOND, THIRD)) == BODY


def test_labels_for_screen_readers_are_left_out() -> None:
    marked = FIRST.replace(" ", ' <span class="sr-only">(opens in a new window)</span>', 1)
    assert "opens in" not in (body_of(paragraphs(marked, SECOND, THIRD)) or "")


@pytest.mark.parametrize(
    "line",
    [
        "Telefon: +49 (0) 30 123456-78",
        "E-Mail: press@paper.example",
        "Aktualisiert am 17.01.2021.",
        "Impressum | Datenschutz | Ein Angebot des Boten",
        "If you are seeing this message and are already a subscriber, log in for access to this story.",
        "Like this story? Share it with a friend!",
        "Please sign up for our daily newsletter, the Morning Post, here.",
    ],
)
def test_contacts_dates_and_offers_after_the_text_are_left_out(line: str) -> None:
    assert body_of(f"{TEXT}<p>{line}</p>") == BODY
