"""What running each question of the course gives; the sentence below it says why that."""

ANSWERS = {
    "0.1": {
        "quiz_how_many_cpus_has_a_processor_with_many_cores": "1",
        "quiz_what_becomes_of_a_device_that_is_not_there": "3, computed somewhere else",
    },
    "1.1": {
        "quiz_how_many_operations_run_for_total": "3",
        "quiz_what_is_a_line_of_tensorflow_1": "a tensor without a number",
    },
    "1.2": {
        "quiz_what_does_building_an_assign_change": "0",
        "quiz_what_is_the_state_after_five_runs": "13",
    },
    "1.3": {
        "quiz_where_is_a_wrong_number_of_columns_found": "at the line of `tf.matmul`",
        "quiz_does_no_row_at_all_give_an_error": "none, and there is no error",
    },
    "1.4": {
        "quiz_what_is_in_the_session_after_a_run": "78400",
        "quiz_does_a_graph_made_for_a_device_run_at_once": "no",
    },
    "1.5": {
        "quiz_how_often_does_an_append_happen": "1",
        "quiz_how_many_traces_for_numbers_and_for_tensors": "3",
    },
    "1.6": {
        "quiz_how_many_nodes_run_when_the_middle_is_fed": "1",
        "quiz_what_if_x_is_fed_and_line_too": "64",
    },
    "1.7": {
        "quiz_can_a_function_be_asked_for_what_it_does_not_return": "no",
        "quiz_how_many_of_three_kernels_run_when_all_are_wanted": "3",
    },
    "1.8": {
        "quiz_what_does_a_cpu_do_with_row_99_of_ten": "an error",
        "quiz_how_many_numbers_does_size_have": "3",
    },
    "1.9": {
        "quiz_what_is_an_integer_divided_by_zero_when_compiled": "-1",
        "quiz_does_an_assertion_survive_compilation": "1",
    },
    "2.1": {
        "quiz_which_weight_does_a_mistake_on_zeros_move": "the bias only",
        "quiz_how_often_is_xor_wrong_after_many_sweeps": "4",
    },
    "2.2": {
        "quiz_what_does_adding_to_all_scores_do": "0.67",
        "quiz_what_does_a_guess_cost": "1.1",
    },
    "2.3": {
        "quiz_what_is_the_gradient_at_the_minimum": "0",
        "quiz_what_is_the_gradient_of_a_yes_or_no": "None",
    },
    "2.4": {
        "quiz_what_is_the_first_loss_whatever_the_pictures": "2.3",
        "quiz_what_if_train_is_not_fetched": "1",
    },
    "3.1": {
        "quiz_what_is_z_beyond_both_inputs": "-1",
        "quiz_are_two_layers_without_relu_more_than_one": "no",
    },
    "3.2": {
        "quiz_what_moves_when_all_starts_at_zero": "1",
        "quiz_what_shape_has_the_gradient_of_h": "600",
    },
    "3.3": {
        "quiz_what_does_08_mean_to_tf1_dropout": "8000",
        "quiz_how_large_is_a_pixel_that_is_kept": "0.6",
    },
    "3.4": {
        "quiz_what_is_the_first_loss_of_keras_without_from_logits": "more than 5",
        "quiz_what_if_each_minibatch_has_one_kind": "1",
    },
    "4.1": {
        "quiz_how_large_is_a_sum_where_one_cell_differs": "7",
        "quiz_does_conv2d_turn_the_filter": "3",
    },
    "4.2": {
        "quiz_how_large_is_the_map_of_same_with_stride_2": "4",
        "quiz_how_many_pixels_does_the_first_window_see": "9",
    },
    "4.3": {
        "quiz_does_it_undo_a_convolution": "9",
        "quiz_which_window_leaves_a_checkerboard": "windows of 3",
    },
    "4.4": {
        "quiz_what_is_the_largest_of_one_number_and_the_outside": "-7/9",
        "quiz_how_many_cells_get_a_gradient_of_a_maximum": "1",
    },
    "4.5": {
        "quiz_how_much_passes_four_sigmoids": "0.0039",
        "quiz_does_a_dead_unit_come_back": "-1",
    },
    "4.6": {
        "quiz_what_does_a_network_of_zeros_learn": "1",
        "quiz_how_many_weights_has_the_second_layer": "4608",
    },
    "4.7": {
        "quiz_where_are_the_parameters": "96",
        "quiz_how_many_places_has_conv1_along_224_pixels": "54",
    },
    "4.8": {
        "quiz_how_many_pixels_can_excite_a_unit_of_the_first_layer": "25",
        "quiz_does_the_deconvnet_go_on_from_a_number_below_zero": "0",
    },
    "5.1": {
        "quiz_how_far_does_adam_go_for_a_large_gradient": "0.004",
        "quiz_does_a_transposed_convolution_take_other_rows": "an error",
    },
    "5.2": {
        "quiz_does_a_second_call_share_the_variable_in_eager": "1",
        "quiz_how_much_of_the_encoder_moves_while_naming": "0",
    },
    "6.1": {
        "quiz_how_much_longer_is_the_graph_of_a_longer_sequence": "39",
        "quiz_what_is_in_an_array_whose_write_was_dropped": "0",
    },
    "6.2": {
        "quiz_do_five_words_of_padding_change_the_loss": "0",
        "quiz_how_many_rows_of_the_table_get_a_gradient": "3",
    },
    "7.1": {
        "quiz_what_does_the_cell_hold_after_fifty_steps": "0.46",
        "quiz_what_does_the_output_show_when_nobody_reads": "0",
    },
    "7.2": {
        "quiz_what_is_the_mean_loss_of_a_word_and_a_padding": "2.56",
        "quiz_what_does_the_loss_say_to_the_class_minus_1": "an error",
    },
    "7.3": {
        "quiz_what_is_f1_when_one_tag_of_a_slot_is_missed": "0.5",
        "quiz_what_does_reverse_sequence_put_first": "6",
    },
    "8.1": {
        "quiz_what_is_left_of_a_head_at_the_edge": "more than 0.5, less than 1",
        "quiz_how_many_are_two_at_one_place": "2",
    },
    "8.2": {
        "quiz_what_does_a_pool_make_of_four_heads": "1",
        "quiz_how_many_numbers_are_left_behind_both_pools": "3456",
    },
    "8.3": {
        "quiz_how_many_scores_are_there_of_the_quarters": "20",
    },
    "8.4": {
        "quiz_how_many_rows_of_cells_does_the_top_change": "2",
    },
    "8.5": {
        "quiz_in_how_many_channels_do_two_quarters_differ": "5",
    },
    "9.1": {
        "quiz_what_does_the_gram_matrix_know_of_places": "0",
        "quiz_how_many_numbers_has_the_style_of_a_scrap": "256",
    },
    "9.2": {
        "quiz_how_many_variables_does_minimize_train_without_a_list": "5",
        "quiz_what_does_a_tape_say_of_a_picture_from_a_file": "None",
    },
    "9.3": {
        "quiz_how_many_arrays_does_the_painter_train": "6",
        "quiz_does_a_painter_learn_through_whole_numbers": "no",
    },
    "10.1": {
        "quiz_what_is_the_loss_of_a_discriminator_that_cannot_tell": "1.39",
        "quiz_how_far_does_the_step_of_d_move_g": "0",
    },
    "10.2": {
        "quiz_where_is_an_average_after_two_steps": "0.19",
        "quiz_what_does_a_frozen_layer_look_at": "by its averages",
    },
    "10.3": {
        "quiz_how_many_channels_has_what_the_discriminator_sees": "4",
        "quiz_is_the_number_of_a_kind_a_condition": "an error",
    },
    "10.4": {
        "quiz_how_many_rows_tell_six_orders_of_a_caption_apart": "1",
        "quiz_how_many_pictures_does_d_look_at_in_its_step": "150",
    },
    "10.5": {
        "quiz_which_one_number_is_nearest_to_five_by_l1": "0.3",
        "quiz_how_many_logits_does_d_give_for_a_picture_of_56_by_56": "196",
    },
    "11.1": {
        "quiz_what_is_the_slope_of_a_draw": "None",
        "quiz_what_is_the_slope_of_a_random_normal": "1",
    },
    "11.2": {
        "quiz_what_does_a_mean_of_2_cost": "2",
        "quiz_can_a_sampled_divergence_be_negative": "yes",
    },
    "11.3": {
        "quiz_how_much_smaller_is_the_error_that_keras_gives": "784",
        "quiz_how_many_numbers_does_the_encoder_give_for_a_picture": "4",
    },
    "12.1": {
        "quiz_how_long_is_a_squashed_vector": "0.9",
        "quiz_what_is_the_squashed_vector_of_zeros": "NaN",
    },
    "12.2": {
        "quiz_how_much_comes_to_a_whole_in_the_first_round": "2",
        "quiz_how_long_is_a_whole_that_nobody_agrees_about": "0",
    },
    "12.3": {
        "quiz_what_does_a_true_capsule_of_half_a_length_cost": "0.16",
        "quiz_must_the_lengths_sum_to_1": "0",
    },
    "12.4": {
        "quiz_what_are_the_couplings_of_one_round": "0.1",
        "quiz_does_xla_compile_the_gradient_of_a_loop_without_an_end": "an error",
    },
    "20.1": {
        "quiz_what_is_the_second_mean_when_the_update_is_written_last": "4",
        "quiz_does_a_tensor_wait_because_it_is_named_in_the_block": "0",
    },
    "20.2": {
        "quiz_how_many_variables_have_twins": "1",
        "quiz_when_do_two_layers_show_that_they_are_two": "2",
    },
    "20.3": {
        "quiz_how_many_losses_show_that_the_updates_are_missing": "0",
        "quiz_how_much_does_the_penalty_add_to_the_first_loss": "0.5",
    },
    "21.1": {
        "quiz_what_does_a_session_make_of_300_as_a_byte": "44",
        "quiz_how_often_does_a_node_draw_that_two_fetches_need": "0",
    },
    "21.2": {
        "quiz_what_is_the_gradient_through_numpy_function": "None",
        "quiz_what_is_the_gradient_of_numpy_in_a_py_function": "0",
    },
    "22.1": {
        "quiz_what_is_the_slope_when_a_factor_is_held": "6",
        "quiz_does_the_loss_show_that_a_tape_saw_too_little": "no",
    },
    "22.2": {
        "quiz_do_two_ops_of_one_seed_draw_the_same": "no",
        "quiz_does_a_second_session_go_on_with_the_sequence": "4",
    },
    "22.3": {
        "quiz_how_far_is_the_first_step_of_rmsprop": "0.316",
        "quiz_how_far_does_the_momentum_of_tf1_go": "0.195",
    },
    "23.1": {
        "quiz_how_many_traces_for_1_and_1_0_and_true": "1",
        "quiz_what_is_one_divided_by_minus_zero": "inf",
    },
    "23.2": {
        "quiz_what_does_the_third_call_read": "1",
        "quiz_which_step_shows_that_the_rate_was_read_once": "5",
    },
    "23.3": {
        "quiz_what_is_the_third_loss_of_a_layer_that_forgets": "16",
        "quiz_what_does_a_second_start_do": "4",
    },
    "24.1": {
        "quiz_what_does_restore_say_when_it_finds_nothing": "`w` stays [0, 0], and nothing is said",
        "quiz_how_many_arrays_are_in_the_checkpoint": "2",
    },
    "24.2": {
        "quiz_how_many_signatures_has_a_module_of_plain_python": "0",
        "quiz_what_does_a_loaded_trace_say_to_four_rows": "an error",
    },
    "24.3": {
        "quiz_how_many_losses_does_a_function_write_that_was_traced_too_early": "0",
        "quiz_at_which_step_is_the_third_summary": "0",
    },
    "25.1": {
        "quiz_how_many_batches_when_batch_comes_first": "4",
        "quiz_what_does_an_iterator_made_in_the_loop_read": "8",
    },
    "25.2": {
        "quiz_what_is_the_slope_of_where_at_zero": "NaN",
        "quiz_does_an_op_made_above_the_cond_run_in_one_branch_only": "5",
    },
    "26.1": {
        "quiz_where_is_a_variable_that_is_used_under_another_device": "CPU:1",
        "quiz_what_does_a_function_do_under_a_device_that_is_not_there": "3, from CPU:0",
    },
    "26.2": {
        "quiz_how_many_values_has_a_variable_without_all_reduce": "2",
        "quiz_what_do_sums_over_the_whole_batch_come_to": "1.5",
    },
    "27.1": {
        "quiz_what_is_the_l2_loss_of_3_and_4": "12.5",
        "quiz_how_many_outputs_of_fully_connected_are_negative": "0",
    },
    "27.2": {
        "quiz_how_many_steps_after_two_and_two_and_at_most_three": "4",
        "quiz_what_is_the_mean_of_a_long_and_a_short_batch": "5",
    },
    "27.3": {
        "quiz_which_variance_does_the_kernel_keep": "2",
        "quiz_do_the_training_steps_show_it": "0",
    },
    "28.1": {
        "quiz_how_many_variables_has_an_imported_graph": "0",
        "quiz_does_the_picture_say_what_a_matmul_is": "no",
    },
    "28.2": {
        "quiz_whose_slope_do_copied_backward_lines_have": "neither",
    },
    "28.3": {
        "quiz_how_many_turns_for_the_root_of_one": "0",
    },
}
