import { labelled, say } from './bilingual.ts';
import { english } from './english.ts';
import { html, type Markup } from './markup.ts';

export interface Page {
  /** What the browser's tab says before the report's own name. */
  readonly title: string;
  /** The way from the page to the report's folder: empty, or `../`. */
  readonly root: '' | '../';
  readonly current: 'overview' | 'pictures' | 'case' | 'compare';
  /** Which of the script's parts the page wants. */
  readonly body: Markup;
}

/** A whole document. Everything shows without the script; it adds the filters, the byte view and the other language. */
export function page({ title, root, current, body }: Page): string {
  const link = (file: string, name: typeof current, text: Markup): Markup =>
    html`<a href="${root}${file}" ${current === name ? html` aria-current="page"` : ''}>${text}</a>`;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; script-src 'self' file:; style-src 'self' 'unsafe-inline' file:; img-src data:"
        />
        <title>${title === '' ? '' : `${title} · `}${english.title}</title>
        <link rel="stylesheet" href="${root}style.css" />
        <script src="${root}report.js" defer=""></script>
      </head>
      <body>
        <a class="skip" href="#content">${say((m) => m.skip)}</a>
        <header class="bar">
          <nav ${labelled('aria-label', (m) => m.title)}>
            <span class="brand">LVS</span>
            ${
              current === 'compare'
                ? ''
                : html`${link(
                    'index.html',
                    'overview',
                    say((m) => m.overview),
                  )}
                  ${link(
                    'pictures.html',
                    'pictures',
                    say((m) => m.pictures),
                  )}`
            }
          </nav>
          <div class="languages" role="group" ${labelled('aria-label', (m) => m.language)}>
            <button type="button" lang="en" data-language="en" aria-pressed="true">English</button>
            <button type="button" lang="zh" data-language="zh" aria-pressed="false">中文</button>
          </div>
        </header>
        <main id="content" tabindex="-1">${body}</main>
      </body>
    </html> `.text;
}
