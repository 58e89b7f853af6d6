package io.portolan.sim.kube;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** One stored object, shown under any served version of its CRD: conversion strategy None. */
final class Versions {
  private Versions() {}

  /** A stored node stays as it is; another version is a copy. */
  static ObjectNode as(ResourceType type, ObjectNode object) {
    if (object.path("apiVersion").asText().equals(type.apiVersion())) {
      return object;
    }
    ObjectNode copy = object.deepCopy();
    copy.put("apiVersion", type.apiVersion());
    return copy;
  }
}
