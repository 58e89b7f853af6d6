package io.portolan.lab.scenario;

/**
 * @param seed everything random in the run comes from it
 * @param keep whether to stay up after the checks until told to go
 */
public record LabOptions(long seed, boolean keep) {}
