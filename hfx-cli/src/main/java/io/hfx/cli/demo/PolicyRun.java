package io.hfx.cli.demo;

import io.hfx.cli.bench.Report;
import io.hfx.cli.bench.RunResult;

/** The load under one policy. */
record PolicyRun(Report report, RunResult result) {}
