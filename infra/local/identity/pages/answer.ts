import type { ServerResponse } from 'node:http';
import { PAGE_HEADERS } from '../../../pages/page.ts';

/** A page, ready to be sent. */
export interface Page {
  readonly status: number;
  readonly body: string;
}

export function sendPage(response: ServerResponse, { status, body }: Page): void {
  response.writeHead(status, PAGE_HEADERS).end(body);
}

/** Sends the browser elsewhere, with what was posted left behind (RFC 9110, section 15.4.4). */
export function redirect(response: ServerResponse, location: string): void {
  response.writeHead(303, { location, 'cache-control': 'no-store' }).end();
}
