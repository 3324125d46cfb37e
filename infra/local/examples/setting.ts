/** A setting from the environment that `npm start` or `npm run cloud` wrote; without it the example says what to do. */
export function setting(name: string): string {
  const value = process.env[name];
  if (value === undefined) {
    process.stderr.write(
      `${name} is not set. Start npm start or npm run cloud, then: set -a; . .local/cloud.env; set +a\n`,
    );
    process.exit(2);
  }
  return value;
}
