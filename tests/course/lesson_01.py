"""How the tests treat lesson 1: how each claim is broken."""

BROKEN = {
    "1.1": {
        "claim_a_node_has_no_number": ("with tf.Graph().as_default(), raises(", "with raises("),
        "claim_a_function_holds_the_same_operations": (
            "_arithmetic()\n    traced",
            "_arithmetic(), tf.ones([])\n    traced",
        ),
        "claim_what_is_not_fetched_does_not_run": ("if not optimize:", "if optimize:"),
        "claim_a_broken_node_hurts_only_who_fetches_it": (
            "tf.linalg.inv(ones)",
            "tf.linalg.inv(tf.eye(2))",
        ),
    },
    "1.2": {
        "claim_reading_before_initialising_raises": (
            "        session.run(state)",
            "        session.run(tf.shape(state))",
        ),
        "claim_the_value_is_in_the_session_not_in_the_graph": ("other.run(start)", "other = one"),
        "claim_a_name_is_taken_once_in_a_graph": (
            "with raises(ValueError",
            "with tf1.variable_scope('b'), raises(ValueError",
        ),
        "claim_in_tf2_the_object_is_the_variable": (
            'one, other = tf.Variable(1.0, name="state"),',
            "one = other =",
        ),
    },
    "1.3": {
        "claim_an_unfed_placeholder_is_named_in_the_error": (
            "session.run(y)",
            "session.run(y, {x: np.ones((1, 3))})",
        ),
        "claim_a_feed_must_keep_the_promise": ("np.ones((2, 4)", "np.ones((2, 3)"),
        "claim_a_wrong_plan_fails_while_it_is_made": ("[None, 4]", "[None, 3]"),
        "claim_an_argument_is_a_placeholder_inside": ("tf.ones([2, 4])", "tf.ones([2, 3])"),
    },
    "1.4": {
        "claim_placement_seen_is_placement_asked": (
            "with tf.Graph().as_default() as g, tf.device(device):",
            "with tf.Graph().as_default() as g:",
            2,
        ),
        "claim_three_operations_were_written_and_one_kernel_ran": (
            "session.run(h, {x: np",
            "session.run('product:0', {x: np",
        ),
        "claim_numpy_gives_the_same_h": ('layer["W"], 0.0)', 'layer["W"], 1.0)'),
        "claim_the_decks_execution_slide_never_ran": (
            "        np.random.random(64, 784)",
            "        np.random.random((64, 784))",
        ),
    },
    "1.5": {
        "claim_python_runs_per_trace_and_operations_per_call": (
            'ran.append("traced")',
            "tf.py_function(lambda: ran.append(1), [], [])",
        ),
        "claim_a_new_number_or_shape_is_a_new_trace_and_a_new_tensor_is_not": (
            "[tf.constant(n) for n in",
            "[n for n in",
        ),
        "claim_a_variable_made_in_a_function_is_refused": (
            "tf.Variable(3.0) * x",
            "tf.constant(3.0) * x",
        ),
        "claim_variable_scope_is_gone_and_wrap_function_carries_it_over": (
            'variable_scope("line"):\n            return',
            "name_scope('line'):\n            return",
        ),
    },
    "1.6": {
        "claim_what_never_comes_stops_only_those_who_wait_for_it": (
            '{"target:0": TARGET}',
            '{"x:0": X, "target:0": TARGET}',
        ),
        "claim_a_ring_is_refused": ('input[1] = "loss"', 'input[1] = "w"'),
        "claim_the_engine_runs_what_the_session_ran": [
            (
                "{step.node: step.device for step in execution}",
                "{op.name: last[-5:] for op in g.get_operations()}",
            ),
            ('name="b"), name="line")', 'name="b") + 0.0, name="line")'),
        ],
        "claim_an_operation_waits_for_the_last_of_its_inputs": (
            'g, "loss:0", {"x:0": X, ',
            'g, "loss:0", {"product:0": X, ',
        ),
        "claim_prune_feeds_an_inner_tensor_in_tf2": ('.prune(["line:0", ', '.prune(["x:0", '),
    },
    "1.7": {
        "claim_an_operation_that_was_fused_has_no_time": (
            "[nodes[name] for name in case]\n    ",
            "[*nodes.values()]\n    ",
        ),
        "claim_the_verdicts_say_where_it_went": (
            "return [nodes[name] for name in case]",
            "return [*nodes.values()]",
        ),
        "claim_to_look_inside_is_to_change_what_runs": (
            "return [nodes[name] for name in case]",
            "return [y, y, y]",
        ),
        "claim_what_is_not_returned_cannot_be_had": (
            "        tf.nn.bias_add(kept[0], B)",
            "        tf.nn.bias_add(X @ W, B)",
        ),
        "claim_eager_runs_three_kernels_whatever_is_wanted": (
            "bias_add(product, B)\n",
            "bias_add(product, B)\n            shifted += 0.0\n",
        ),
        "claim_fused_or_not_the_numbers_agree": (
            '("product", "shifted", "y")',
            '("product", "y", "shifted")',
        ),
    },
    "1.8": {
        "claim_where_a_session_is_made_decides_whether_it_may_move_the_work": (
            'as g, tf.device("GPU:9"):',
            'as g, tf.device("CPU:0"):',
        ),
        "claim_an_index_out_of_range_is_an_error_on_a_cpu_only": (
            "[1, 99]))\n    for",
            "[1, 9]))\n    for",
        ),
        "claim_a_label_out_of_range_is_an_error_on_a_cpu_only": ("labels=[7]", "labels=[2]"),
        "claim_the_same_seed_gives_the_same_bits_or_nearly": (
            'here = draw("CPU:0")',
            'here = draw("CPU:0")[::-1]',
        ),
        "claim_tf32_rounds_what_a_gpu_multiplies": (
            "np.float64(x) @ np.float64(x)",
            "np.float64(x) @ np.float64(x) * 1.0001",
        ),
        "claim_shapes_stay_on_the_host_and_feeds_are_copied": (
            "both = [rows, size]",
            "both = [rows, rows]",
        ),
    },
    "1.9": {
        "claim_a_compiled_call_is_one_kernel": (
            "input_signature=[x_spec], jit_compile=True",
            "input_signature=[x_spec]",
        ),
        "claim_a_program_is_made_for_one_shape": (
            "double.experimental_get_compiler_ir(tf.TensorSpec([None]))",
            "double.experimental_get_compiler_ir(tf.TensorSpec([7]))",
        ),
        "claim_what_refuses_in_a_kernel_goes_on_when_compiled": (
            "_call(False, compute, value)",
            "_call(True, compute, value)",
        ),
        "claim_a_zero_may_be_no_number_when_compiled": (
            "np.isnan(_call(True",
            "np.isnan(_call(False",
        ),
        "claim_a_seed_draws_other_numbers": (
            "(lambda: draw([4], seed), (), False)",
            '(lambda: draw([4], seed, alg="philox"), (), False)',
        ),
        "claim_a_text_is_refused_only_when_you_call": (
            "tf.strings.length(tf.strings.as_string(x))",
            "x + x",
        ),
    },
}
