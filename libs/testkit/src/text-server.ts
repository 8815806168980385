import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An HTTP server that answers every request with the same text. */
export class TextServer {
  /** Paths that were asked for, in order. */
  readonly asked: string[] = [];

  private constructor(
    public answer: string,
    private readonly server: Server,
  ) {}

  static async open(answer = ''): Promise<TextServer> {
    const server = createServer((request, response) => {
      opened.asked.push(request.url ?? '');
      response.end(opened.answer);
    });
    const opened = new TextServer(answer, server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return opened;
  }

  /** "host:port". */
  get address(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
