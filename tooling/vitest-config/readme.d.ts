/** Runs the first example of a package's README from source: what it prints, and what the README says that it prints. */
export function runReadmeExample(testUrl: string): {
  readonly printed: string;
  readonly promised: string | undefined;
};
