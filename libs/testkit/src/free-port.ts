import { createServer } from 'node:net';

// Below Linux's range for outgoing connections (32768-60999), so that no client's socket sits on a port we chose.
const lowest = 20_000;
const highest = 32_000;

/**
 * A port p such that p-2 (a broker's VIP port), p and p+1 (its high-availability port) are free now.
 * `random` gives 0..1, as Math.random does.
 */
export async function freeBrokerPort(random: () => number = Math.random): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const port = lowest + 4 * Math.floor((random() * (highest - lowest)) / 4);
    const free = await Promise.all([port - 2, port - 1, port, port + 1].map(isFree));
    if (free.every(Boolean)) return port;
  }
  throw new Error(`no four free ports in a row between ${lowest} and ${highest}`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '0.0.0.0', () => server.close(() => resolve(true)));
  });
}
