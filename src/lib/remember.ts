/**
 * The same function with a memory, for words that come again and again. Pure functions only.
 * @param most answers kept; when they are reached it starts anew
 */
export function remember<Answer>(
  answer: (text: string) => NonNullable<Answer>,
  most: number,
): (text: string) => NonNullable<Answer> {
  const answers = new Map<string, NonNullable<Answer>>();
  return text => {
    const known = answers.get(text);
    if (known !== undefined) return known;
    if (answers.size >= most) answers.clear();
    const made = answer(text);
    answers.set(text, made);
    return made;
  };
}
