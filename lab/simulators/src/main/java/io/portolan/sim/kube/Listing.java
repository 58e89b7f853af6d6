package io.portolan.sim.kube;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Lists, in pages that all show the revision of the first one.
 *
 * <p>A paged list keeps its objects until it is read to the end, or pushed out by {@value
 * #MAX_OPEN} newer ones: then its token expires, as a real one does after compaction.
 */
final class Listing {
  private static final int MAX_OPEN = 256;

  private final ObjectStore store;
  private final Map<String, Page> open = new LinkedHashMap<>();
  private long tokens;

  Listing(ObjectStore store) {
    this.store = store;
  }

  private record Page(long revision, List<ObjectNode> rest) {}

  ObjectNode list(ResourceType type, String namespace, Query query) {
    Predicate<ObjectNode> selected =
        Selection.parse(query.text("labelSelector"), query.text("fieldSelector"));
    int limit = (int) Math.min(query.number("limit").orElse(0), Integer.MAX_VALUE);
    Page page =
        query
            .optional("continue")
            .map(this::resume)
            .orElseGet(() -> first(type, namespace, query, selected));
    boolean more = limit > 0 && page.rest.size() > limit;
    List<ObjectNode> shown = more ? page.rest.subList(0, limit) : page.rest;

    ObjectNode list = JsonNodeFactory.instance.objectNode();
    list.put("kind", type.kind() + "List");
    list.put("apiVersion", type.apiVersion());
    ObjectNode metadata = list.putObject("metadata");
    metadata.put("resourceVersion", Long.toString(page.revision));
    if (more) {
      List<ObjectNode> rest = page.rest.subList(limit, page.rest.size());
      metadata.put("continue", keep(new Page(page.revision, rest)));
      if (query.text("labelSelector").isEmpty() && query.text("fieldSelector").isEmpty()) {
        metadata.put("remainingItemCount", rest.size());
      }
    }
    ArrayNode items = list.putArray("items");
    for (ObjectNode object : shown) {
      // A real server names the type of built-in objects once, in the list.
      items.add(
          type.isCustom()
              ? Versions.as(type, object)
              : object.deepCopy().without(List.of("kind", "apiVersion")));
    }
    return list;
  }

  private Page first(
      ResourceType type, String namespace, Query query, Predicate<ObjectNode> selected) {
    return store.exclusively(() -> {
      long revision = store.revision();
      long asked = query.number("resourceVersion").orElse(0);
      if (asked > revision) {
        throw ApiFailure.futureVersion(asked, revision);
      }
      List<ObjectNode> found = new ArrayList<>();
      for (Map.Entry<ObjectKey, ObjectNode> entry : store.list(type.groupResource(), namespace)) {
        if (selected.test(entry.getValue())) {
          found.add(entry.getValue());
        }
      }
      return new Page(revision, found);
    });
  }

  private synchronized String keep(Page page) {
    String token = "p" + ++tokens;
    open.put(token, page);
    if (open.size() > MAX_OPEN) {
      open.remove(open.keySet().iterator().next());
    }
    return token;
  }

  private synchronized Page resume(String token) {
    // Kept until pushed out: a client whose reply was lost asks for the same page again.
    Page page = open.get(token);
    if (page == null || page.revision < store.compactedRevision()) {
      throw ApiFailure.expired(
          "The provided continue parameter is too old to display a consistent list result. You must"
              + " start a new list without the continue parameter.");
    }
    return page;
  }
}
