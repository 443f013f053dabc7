from flask_sqlalchemy import SQLAlchemy

from housekey import Housekey

db = SQLAlchemy()
login_manager = Housekey(db=db).login_manager
login_manager.login_view = "auth.login"
login_manager.login_message_category = "info"
