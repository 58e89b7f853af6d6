package io.portolan.common.kube;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Lists and watch streams, decoded record by record as they arrive. */
final class WatchProtocol<T> {
  private static final JsonFactory JSON = new JsonFactory();

  private final RecordDecoder<T> decoder;
  private final Interner interner = new Interner();

  WatchProtocol(RecordDecoder<T> decoder) {
    this.decoder = decoder;
  }

  /**
   * One page of a list.
   *
   * @param continueToken empty on the last page
   */
  record Page<T>(List<T> objects, String resourceVersion, String continueToken) {}

  Page<T> readPage(InputStream stream) throws IOException {
    try (JsonParser parser = JSON.createParser(stream)) {
      ObjectCursor list = start(parser);
      List<T> objects = new ArrayList<>();
      String[] texts = {"", ""};
      list.eachField(field -> {
        switch (field) {
          case "metadata" ->
              list.eachField(name -> {
                switch (name) {
                  case "resourceVersion" -> texts[0] = list.text();
                  case "continue" -> texts[1] = list.text();
                  default -> {}
                }
              });
          case "items" -> list.eachItem(() -> objects.add(decoder.decode(list)));
          default -> {}
        }
      });
      if (texts[0].isEmpty()) {
        throw new IOException("a list without a resource version");
      }
      return new Page<>(objects, texts[0], texts[1]);
    }
  }

  private ObjectCursor start(JsonParser parser) throws IOException {
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      throw new IOException("the answer is no JSON object");
    }
    return new ObjectCursor(parser, interner);
  }

  /** What happens in a watch stream. */
  interface Listener<T> {
    void upsert(T object, String resourceVersion);

    void delete(ObjectKey key, String uid, String resourceVersion);

    void bookmark(String resourceVersion);

    /** The server gives up this stream. */
    void error(int code, String message);
  }

  /** Reads until the stream ends. */
  void readEvents(InputStream stream, Listener<T> listener) throws IOException {
    try (JsonParser parser = JSON.createParser(stream)) {
      while (parser.nextToken() == JsonToken.START_OBJECT) {
        ObjectCursor event = new ObjectCursor(parser, interner);
        String[] type = {""};
        event.eachField(field -> {
          switch (field) {
            case "type" -> type[0] = event.text();
            case "object" -> readObject(type[0], event, listener);
            default -> {}
          }
        });
      }
    }
  }

  private void readObject(String type, ObjectCursor object, Listener<T> listener)
      throws IOException {
    switch (type) {
      case "ADDED", "MODIFIED" -> {
        T record = decoder.decode(object);
        listener.upsert(record, object.lastMetadata().resourceVersion());
      }
      case "DELETED" -> {
        Metadata metadata = metadata(object);
        listener.delete(metadata.key(), metadata.uid(), metadata.resourceVersion());
      }
      case "BOOKMARK" -> listener.bookmark(metadata(object).resourceVersion());
      case "ERROR" -> {
        long[] code = {0};
        String[] message = {""};
        object.eachField(field -> {
          switch (field) {
            case "code" -> code[0] = object.number();
            case "message" -> message[0] = object.text();
            default -> {}
          }
        });
        listener.error((int) code[0], message[0]);
      }
      // Servers write the type first; without it the object cannot be understood.
      case String other -> throw new IOException("a watch event of type '" + other + "'");
    }
  }

  private static Metadata metadata(ObjectCursor object) throws IOException {
    Metadata[] read = new Metadata[1];
    object.eachField(field -> {
      if (field.equals("metadata")) {
        read[0] = object.metadata(Set.of());
      }
    });
    if (read[0] == null) {
      throw new IOException("an object without metadata");
    }
    return read[0];
  }
}
