import { html, type Markup } from './markup.ts';
import type { Messages } from './messages.ts';

/** A whole document. `root` is the way from the page to the report's folder: empty, or `../`. */
export function page(title: string, root: string, messages: Messages, body: Markup): string {
  return html`<!doctype html>
    <html lang="${messages.language}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; style-src 'self' 'unsafe-inline' file:; img-src data:"
        />
        <title>${title}</title>
        <link rel="stylesheet" href="${root}style.css" />
      </head>
      <body>
        ${body}
      </body>
    </html> `.text;
}
