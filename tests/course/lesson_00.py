"""How the tests treat lesson 0: how each claim is broken."""

BROKEN = {
    "0.1": {
        "claim_this_is_tensorflow_2_with_keras_3_and_tf1_inside": (
            'keras.__version__.startswith("3.")',
            'keras.__version__.startswith("2.")',
        ),
        "claim_every_list_names_the_runtimes_devices": (
            "names.append(asked)",
            'names.append("CPU:7")',
        ),
        "claim_a_logical_device_stands_on_a_physical_one": (
            "list_physical_devices()",
            'list_physical_devices("GPU")',
        ),
        "claim_a_tf1_session_refuses_a_device_that_is_not_there": (
            "allow_soft_placement=False",
            "allow_soft_placement=True",
        ),
        "claim_tf2_moves_the_work_and_says_nothing": (
            "tf1.Session(graph=g) as",
            "tf1.Session('', g, tf1.ConfigProto()) as",
        ),
    },
}
