package io.portolan.common.select.expression;

/** Kinds of token, each with its name in messages. */
enum Token {
  LABEL("a label"),
  STRING("a quoted string"),
  EQUAL("'=='"),
  NOT_EQUAL("'!='"),
  CONTAINS("'contains'"),
  STARTS_WITH("'starts with'"),
  ENDS_WITH("'ends with'"),
  IN("'in'"),
  NOT_IN("'not in'"),
  NOT("'!'"),
  AND("'&&'"),
  OR("'||'"),
  LEFT_BRACE("'{'"),
  RIGHT_BRACE("'}'"),
  COMMA("','"),
  LEFT_PARENTHESIS("'('"),
  RIGHT_PARENTHESIS("')'"),
  /** {@code has(}, written together. */
  HAS("has("),
  /** {@code all(}, written together. */
  ALL("all("),
  /** {@code global(}, written together. */
  GLOBAL("global("),
  END("the end"),
  /** What is no token of the language in this place. */
  OTHER("something else");

  private final String text;

  Token(String text) {
    this.text = text;
  }

  String text() {
    return text;
  }
}
