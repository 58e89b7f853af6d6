package io.portolan.common.kube;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Walks one object in a JSON stream without building it.
 *
 * <p>The cursor stands on a value. {@link #eachField} and {@link #eachItem} enter it and stand on
 * each inner value in turn; the others read it. What a visitor does not read is skipped. Values of
 * another kind than asked for read as absent: empty text, no fields, zero, false.
 */
public final class ObjectCursor {
  private static final ObjectMapper TREES = new ObjectMapper();

  private final JsonParser parser;
  private final Interner interner;
  private @Nullable Metadata metadata;

  ObjectCursor(JsonParser parser, Interner interner) {
    this.parser = parser;
    this.interner = interner;
  }

  /** Visits the value of a field. */
  public interface FieldVisitor {
    void visit(String field) throws IOException;
  }

  /** Visits an item of a list. */
  public interface ItemVisitor {
    void visit() throws IOException;
  }

  /** Visits the fields of the object the cursor stands on. */
  public void eachField(FieldVisitor visitor) throws IOException {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      parser.skipChildren();
      return;
    }
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String field = parser.currentName();
      parser.nextToken();
      visit(() -> visitor.visit(field));
    }
  }

  /** Visits the items of the list the cursor stands on. */
  public void eachItem(ItemVisitor visitor) throws IOException {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      parser.skipChildren();
      return;
    }
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (parser.currentToken() == null) {
        throw new IOException("the stream ended within a list");
      }
      visit(visitor);
    }
  }

  private void visit(ItemVisitor visitor) throws IOException {
    JsonToken start = parser.currentToken();
    visitor.visit();
    // A visitor that did not read the value leaves the cursor at its start.
    if (parser.currentToken() == start) {
      parser.skipChildren();
    }
  }

  /** The text the cursor stands on. */
  public String text() throws IOException {
    return parser.currentToken() == JsonToken.VALUE_STRING ? parser.getText() : "";
  }

  /** Text that many objects share: one instance for all. */
  public String sharedText() throws IOException {
    return interner.intern(text());
  }

  /** Text or a number, as text. */
  public String scalar() throws IOException {
    JsonToken token = parser.currentToken();
    return token.isScalarValue() && token != JsonToken.VALUE_NULL ? parser.getText() : "";
  }

  public boolean bool() {
    return parser.currentToken() == JsonToken.VALUE_TRUE;
  }

  public long number() throws IOException {
    return parser.currentToken() == JsonToken.VALUE_NUMBER_INT ? parser.getLongValue() : 0;
  }

  /** A map of texts; all equal ones are one instance. */
  public Map<String, String> texts() throws IOException {
    return interner.intern(SmallMap.copyOf(texts(null)));
  }

  private Map<String, String> texts(@Nullable Set<String> wanted) throws IOException {
    Map<String, String> texts = new TreeMap<>();
    eachField(key -> {
      if (wanted == null || wanted.contains(key)) {
        texts.put(interner.intern(key), sharedText());
      }
    });
    return texts;
  }

  /** The value as a tree. */
  public JsonNode tree() throws IOException {
    JsonNode tree = TREES.readTree(parser);
    return tree == null ? MissingNode.getInstance() : tree;
  }

  /**
   * Reads the {@code metadata} the cursor stands on.
   *
   * @param annotations which to keep
   */
  public Metadata metadata(Set<String> annotations) throws IOException {
    Draft draft = new Draft();
    eachField(field -> {
      switch (field) {
        case "namespace" -> draft.namespace = sharedText();
        case "name" -> draft.name = text();
        case "uid" -> draft.uid = text();
        case "resourceVersion" -> draft.resourceVersion = text();
        case "generation" -> draft.generation = number();
        case "labels" -> draft.labels = texts();
        case "annotations" -> draft.annotations = texts(annotations);
        case "deletionTimestamp" -> draft.terminating = !text().isEmpty();
        default -> {}
      }
    });
    Metadata read =
        new Metadata(
            draft.namespace,
            draft.name,
            draft.uid,
            draft.resourceVersion,
            draft.generation,
            draft.labels,
            draft.annotations,
            draft.terminating);
    metadata = read;
    return read;
  }

  /** The whole object as a tree, its metadata noted on the way. */
  JsonNode wholeTree() throws IOException {
    JsonNode tree = tree();
    try (JsonParser again = TREES.treeAsTokens(tree.path("metadata"))) {
      again.nextToken();
      metadata = new ObjectCursor(again, interner).metadata(Set.of());
    }
    return tree;
  }

  /** What a decoder read last. */
  Metadata lastMetadata() throws IOException {
    Metadata read = metadata;
    if (read == null || read.name().isEmpty()) {
      throw new IOException("an object without metadata, or its decoder did not read it");
    }
    return read;
  }

  private static final class Draft {
    private String namespace = "";
    private String name = "";
    private String uid = "";
    private String resourceVersion = "";
    private long generation;
    private Map<String, String> labels = Map.of();
    private Map<String, String> annotations = Map.of();
    private boolean terminating;
  }
}
