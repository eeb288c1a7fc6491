"""The training side of the embedded recipe: a toy-size Qwen2.5-VL family, Base -> IN -> RL."""
