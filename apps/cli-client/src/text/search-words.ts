/** A filter with its value, words in quotes, or a word. */
const TOKEN = /(?:(from|in|before|after|has):)?(?:"([^"]*)"|(\S+))/gu;

/** What a search looks for in texts, without its filters: words, and what stands in quotes as it is. */
// CHAT-SEARCH-1, CHAT-SEARCH-2
export function searchWords(query: string): string[] {
  return Array.from(query.matchAll(TOKEN))
    .filter(([, filter]) => filter === undefined)
    .map(([, , quoted, plain]) => quoted ?? plain ?? '')
    .filter((word) => word !== '');
}
