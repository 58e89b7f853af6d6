package io.portolan.common.kube;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.function.Function;

/**
 * Makes a small record out of one object as it streams in.
 *
 * <p>A decoder must be total: whatever the object holds, it returns a record and lets go of what it
 * does not understand. An exception counts as a broken connection, so that it is seen and nothing
 * is silently left out.
 */
public interface RecordDecoder<T> {
  /**
   * @param object at the start of the object; its metadata must be read through {@link
   *     ObjectCursor#metadata}
   * @throws IOException if the stream ends or is no JSON
   */
  T decode(ObjectCursor object) throws IOException;

  /**
   * Decodes an object that is a tree already.
   *
   * @throws IOException if the object has no metadata
   */
  default T decodeTree(JsonNode object) throws IOException {
    try (JsonParser tokens = object.traverse()) {
      tokens.nextToken();
      return decode(new ObjectCursor(tokens, new Interner()));
    }
  }

  /** For objects that are needed whole: reads a tree, and hands it over. */
  static <T> RecordDecoder<T> ofTree(Function<JsonNode, T> function) {
    return object -> function.apply(object.wholeTree());
  }
}
